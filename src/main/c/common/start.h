/* Applying a plan: the last thing that berth does before the program runs. */
#ifndef BERTH_START_H
#define BERTH_START_H

#include "plan.h"

/*
 * Becomes the program of PLAN (or supervises its engine); WORDS replace its command, ENV is the
 * caller's. Returns a status.
 */
int start_plan(const struct plan *plan, char **words, char **env);

/* The same as a child that is waited for, so that something can be done after it. */
int start_and_wait(const struct plan *plan, char **env);

#endif
