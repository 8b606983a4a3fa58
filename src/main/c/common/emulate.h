/* Root's calls that a user namespace with one id cannot do, answered as done. */
#ifndef BERTH_EMULATE_H
#define BERTH_EMULATE_H

#include "plan.h"

/* From here on, if the plan says so; for this process and all that it starts. */
int emulate_root(const struct plan *plan);

#endif
