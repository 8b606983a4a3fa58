/* The processors that the program may use. */
#ifndef BERTH_CPUS_H
#define BERTH_CPUS_H

#include "plan.h"

#define CPUS_MAX 8192

/* Whether TEXT is a list of processors such as "0-3,8"; with MASK (CPUS_MAX bits) sets them in it. */
int cpus_read(const char *text, unsigned long *mask);

/* Keeps this process and its children to the plan's processors; 0, or -1 with a message. */
int cpus_limit(const struct plan *plan);

#endif
