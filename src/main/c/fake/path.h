/* Paths of the container, and where they are on the host; the same answers as libfakechroot's. */
#ifndef BERTH_FAKE_PATH_H
#define BERTH_FAKE_PATH_H

#include <limits.h>

#include "fake.h"

/* Whether PATH is FOLDER or below it. */
int fake_below(const char *folder, const char *path);

/* Whether the host's own PATH is meant by a path of the container. */
int fake_excluded(const struct fake *fake, const char *path);

/* PATH as the container names it, absolute; 0, or an errno. */
int fake_inside(const struct fake *fake, const char *path, char inside[PATH_MAX]);

/* PATH of the container on the host; 0, or an errno. */
int fake_host(const struct fake *fake, const char *path, char host[PATH_MAX]);

/* Room for fake_list_host. */
size_t fake_list_room(const struct fake *fake, const char *list);

/*
 * Writes LIST to OUT, its entries that are paths of the container as the host's, and without those
 * that are in KNOWN; returns the end.
 */
char *fake_list_host(const struct fake *fake, const char *list, const char *separators,
		     const char *known, char *out);

/* Appends a colon, unless OUT is at START, and LIST; the new end. */
char *fake_list_add(const char *start, char *out, const char *list);

#endif
