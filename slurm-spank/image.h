/* Names of images as pyxis takes them. */
#ifndef BERTH_SPANK_IMAGE_H
#define BERTH_SPANK_IMAGE_H

#include <stddef.h>

/* Room for any name that is accepted. */
#define IMAGE_ROOM 1024

/*
 * Rewrites `[docker://][REGISTRY#]NAME[:TAG|@DIGEST]` as `[REGISTRY/]NAME[:TAG|@DIGEST]`; 0, or -1
 * with a fault about OPTION.
 */
int image_name(char out[IMAGE_ROOM], const char *option, const char *text);

/* Whether a name ends with a digest. */
int image_is_pinned(const char *name);

#endif
