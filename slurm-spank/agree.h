/*
 * One mode for all nodes of a step. Each node brings a line, "NODE MODE[,MODE...] WHY-NOT-THE-OTHERS", best mode first, as `berth
 * node prepare` wrote it.
 */
#ifndef BERTH_SPANK_AGREE_H
#define BERTH_SPANK_AGREE_H

#include <stddef.h>

#define AGREE_MODE 16
/* Instead of a mode: there is none, which has been said. */
#define AGREE_NONE "-"

/* The first mode of a LINE; 0, or -1 when it has none. */
int agree_first(const char *line, char mode[AGREE_MODE]);

/*
 * What COUNT nodes are to take: their first mode if that is the same, else what BERTH finds. 0, or -1 with the reason handed to
 * SAY line by line.
 */
int agree(char *const *lines, size_t count, const char *berth, char mode[AGREE_MODE], void (*say)(const char *line));

#endif
