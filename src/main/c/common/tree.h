/* The container's tree while it is being put together: places in it, never outside of it. */
#ifndef BERTH_TREE_H
#define BERTH_TREE_H

#include <sys/types.h>

#define TREE_COVERS 256
#define TREE_FD_PATH 40

struct tree {
	int root;
	int covers[TREE_COVERS]; /* our own covering folders, made read-only at the end */
	unsigned covered;
};

/* The path by which mount(2) reaches an O_PATH descriptor; returns BUFFER. */
char *tree_fd_path(char buffer[TREE_FD_PATH], int fd);

/* What is mounted on top of FD now, as an O_PATH descriptor; -1 with errno. */
int tree_reopen(int fd);

/* TARGET inside the tree in the usual case, by one call; what fails is for the walk to look at. */
int tree_find(const struct tree *tree, const char *target);

/* Makes all of REST below DIR; its last part as an O_PATH descriptor, or -1 with errno. */
int tree_place(int dir, const char *rest, int folder);

/* How a missing target is made. */
enum tree_making {
	TREE_FILE = 0,
	TREE_FOLDER = 1,
	TREE_TRACELESS = 2, /* never in the tree itself, nor in what is shown of the host */
};

/*
 * TARGET inside the tree as an O_PATH descriptor, made when missing; -1 with a message.
 */
int tree_target(struct tree *tree, const char *target, unsigned making);

#endif
