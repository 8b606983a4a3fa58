/* The start in modes F: the `fake` of a plan. */
#ifndef BERTH_FAKE_LAUNCH_H
#define BERTH_FAKE_LAUNCH_H

#include "../common/plan.h"

/*
 * Checks all that the mode needs and goes to the plan's working directory; from then on run_program
 * starts programs of the tree. ENV is the program's environment and has to stay. 0, or -1 with a
 * message.
 */
int launch_enter(const struct plan *plan, char *const *env);

#endif
