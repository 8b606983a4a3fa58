/*
 * srun hears from the nodes that could not be prepared (common/tell.h), shows the first reason at once, and at the end names all
 * of them: one message for a step, however many nodes it has.
 */
#ifndef BERTH_SPANK_HEAR_H
#define BERTH_SPANK_HEAR_H

#include <stddef.h>

/* Begins to listen; "PORT TOKEN" in WHERE. 0, or -1 when that cannot be: the nodes then speak for themselves. SAY is called
 * from another thread. */
int hear_begin(char *where, size_t room, void (*say)(const char *line));

/* Ends it, and tells SAY of the nodes behind the first. */
void hear_end(void);

#endif
