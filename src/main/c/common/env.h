/* The program's environment: which of the caller's variables stay, and what is set. */
#ifndef BERTH_ENV_H
#define BERTH_ENV_H

#include <stddef.h>

#include "plan.h"

/* 1 when the first LENGTH bytes of NAME match GLOB (`*` and `?` are wild). */
int env_matches(const char *glob, const char *name, size_t length);

/* The program's environment as the plan says, from CALLER; NULL when out of memory. */
char **env_build(const struct plan *plan, char *const *caller);

/* ENV and the engine's own variables; NULL when out of memory. */
char **env_engine(const struct plan *plan, char *const *env);

/* The comma list of the engine's own variables, "-" for none; NULL when out of memory. */
char *env_engine_names(const struct plan *plan);

#endif
