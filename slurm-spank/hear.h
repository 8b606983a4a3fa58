/*
 * srun hears from the nodes that could not be prepared (common/tell.h), shows the first reason at once, and at the end names all
 * of them: one message for a step, however many nodes it has.
 *
 * It is also where the nodes of an MPI step agree on one mode: each says what it can do (agree.h) and waits, and when all have
 * spoken all get the same answer; or "-" as soon as one of them says that nothing can run there.
 */
#ifndef BERTH_SPANK_HEAR_H
#define BERTH_SPANK_HEAR_H

#include <stddef.h>

/* Begins to listen on one of PORTS, lowest and highest (0 and 0: any); "PORT TOKEN" in WHERE. 0, or -1 when that cannot be: the
 * nodes then speak for themselves. SAY is called from another thread. BERTH is the program that is asked where nodes differ. */
int hear_begin(char *where, size_t room, const unsigned ports[2], const char *berth, void (*say)(const char *line));

/* Ends it, and tells SAY of the nodes behind the first. */
void hear_end(void);

#endif
