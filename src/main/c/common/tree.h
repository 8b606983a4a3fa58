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

/*
 * TARGET inside the tree as an O_PATH descriptor, made when missing (a folder or a file); -1 with
 * a message.
 */
int tree_target(struct tree *tree, const char *target, int folder);

#endif
