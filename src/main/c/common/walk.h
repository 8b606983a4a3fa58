/*
 * Following a path part by part inside a tree: links are read and followed here, not by the
 * kernel.
 */
#ifndef BERTH_WALK_H
#define BERTH_WALK_H

#include <limits.h>
#include <stddef.h>

#define WALK_DEPTH 128
#define WALK_LINKS 40
#define WALK_MISSING (-2)

/* A folder that exists and what is missing below it. */
struct walk_place {
	int dir;
	char rest[PATH_MAX];
};

struct walk {
	int folder[WALK_DEPTH]; /* from the root to where we are: `..` never asks the kernel */
	unsigned depth;
	unsigned links;
	char todo[PATH_MAX];
	struct walk_place missing;
	struct walk_place link; /* the link on the way to what is missing; dir -1 for none */
	size_t after_link;
};

/*
 * PATH below ROOT as an O_PATH descriptor; WALK_MISSING with `missing` and `link`; -1 with errno.
 */
int walk_find(struct walk *walk, int root, const char *path);

/* Closes what the walk holds. */
void walk_end(struct walk *walk);

#endif
