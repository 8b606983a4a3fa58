/*
 * The guard of a job that wants containers: an srun without the plugin, in the batch script or the interactive step of a
 * node that lacks it, would run the job's steps on the bare host; it stumbles over RANK_GUARD instead.
 */
#ifndef BERTH_SPANK_GUARD_H
#define BERTH_SPANK_GUARD_H

#include <slurm/spank.h>

/* In the environment of this process; 0, or -1. */
int guard_set(void);

/* Here the plugin is. Whether there was a guard. */
int guard_take(void);

/* Here the plugin is: the same for what the task of SPANK, whose environment is ENV, starts. */
void guard_lift(spank_t spank, char *const *env);

#endif
