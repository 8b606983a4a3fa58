/* Closing what the program shall not inherit. */
#ifndef BERTH_FDS_H
#define BERTH_FDS_H

#include <stddef.h>

#include "plan.h"

/*
 * Closes what is above 2, is not OURS (-1 for none), and PLAN does not keep for a caller with ENV;
 * 0, or -1 with a message.
 */
int fds_close(const struct plan *plan, char *const *env, int ours);

/* Closes FIRST to LAST, on any kernel. */
void fds_close_range(unsigned first, unsigned last);

/* The same for kernels without close_range (before 5.9). */
void fds_close_listed(unsigned first, unsigned last);

#endif
