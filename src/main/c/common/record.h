/* The note of a run that Java began: the starter adds the program, so that others can join it. */
#ifndef BERTH_RECORD_H
#define BERTH_RECORD_H

#include "plan.h"

struct record {
	int fd; /* -1 without one */
	unsigned long long start;
};

/* Opens the plan's record while the node's files are in reach. Without one the program starts all the same. */
void record_open(struct record *record, const struct plan *plan);

/* Adds this process, which is in the container now. */
void record_write(const struct record *record);

/* Removes the plan's record: the program has ended. */
void record_remove(const struct plan *plan);

#endif
