/* Images as pyxis takes them: by name or by path. */
#ifndef BERTH_SPANK_IMAGE_H
#define BERTH_SPANK_IMAGE_H

#include <stddef.h>

/* Room for any name or path that is accepted. */
#define IMAGE_ROOM 4096

struct image {
	char name[IMAGE_ROOM]; /* as berth knows it; empty when none is named */
	char user[128];	       /* whose login at the registry is meant; empty when nobody is named */
};

/*
 * Rewrites `[docker://][USER@][REGISTRY#]NAME[:TAG|@DIGEST]` as `[REGISTRY/]NAME[:TAG|@DIGEST]`, and keeps a path; 0, or -1
 * with a fault about OPTION.
 */
int image_read(struct image *image, const char *option, const char *text);

/* Whether a name is a path of the node: it begins with '/' or '.'. */
int image_is_path(const char *name);

/* Whether a name is rather that of a registry: a host, with a port perhaps, and no image. */
int image_is_registry(const char *name);

/* Whether a name ends with a digest. */
int image_is_pinned(const char *name);

#endif
