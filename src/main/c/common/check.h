/* Opening a plan file, and everything for which a plan is refused. */
#ifndef BERTH_CHECK_H
#define BERTH_CHECK_H

#include "plan.h"

/* Reads, parses and checks the plan file PATH; 0, or -1 with a message. */
int check_load(struct plan *plan, const char *path);

/*
 * Refuses a plan that was made for another user, boot, node, or state of files; 0, or -1 with a
 * message.
 */
int check_holds(const struct plan *plan);

#endif
