/*
 * What the SPANK plugin tells berth-rank, its launcher, in the environment of a task. All begin with SLURM_, which
 * srun hands on whatever --export says, and none reaches the program.
 */
#ifndef BERTH_RANK_H
#define BERTH_RANK_H

/* Where it lies in the distribution. */
#define RANK_LAUNCHER "/libexec/berth-rank"

/* The words for `berth node prepare`, from the submitting side. */
#define RANK_PREPARE "SLURM_BERTH_PREPARE"

/* The first word of the task's command, whose place the launcher's path took. */
#define RANK_COMMAND "SLURM_BERTH_COMMAND"

/* The launch plan, from the node's side. */
#define RANK_PLAN "SLURM_BERTH_PLAN"

/* Instead of the plan: why not, or empty when that has been said already. */
#define RANK_REFUSED "SLURM_BERTH_REFUSED"

/* The name of an image, and the name pinned by a digest that sbatch and salloc found for it. */
#define RANK_PINNED "SLURM_BERTH_PINNED"

/* As RANK_PREPARE, for the batch script. */
#define RANK_BATCH "SLURM_BERTH_BATCH"

/* Where srun listens for nodes where nothing ran: "PORT TOKEN" (tell.h). */
#define RANK_TELL "SLURM_BERTH_TELL"

/* On which address; srun sets it. */
#define RANK_TELL_HOST "SLURM_LAUNCH_NODE_IPADDR"

/*
 * What an srun without the plugin stumbles over, in a job that wants a container: such a profile is none. The plugin
 * takes it out before srun looks. The value is in srun's message, and no kind of profile is a part of it.
 */
#define RANK_GUARD "SLURM_PROFILE"
#define RANK_GUARD_TEXT "(this node is without berth's SPANK plugin: see plugstack.conf)"

/* The profile that the user asked for meanwhile. */
#define RANK_PROFILE "SLURM_BERTH_PROFILE"

/* The copy of the batch script, begun with the launcher, that sbatch is to send (slurm-spank/script.h). */
#define RANK_SCRIPT "SLURM_BERTH_SCRIPT"

#define RANK_VARIABLES "SLURM_BERTH_"

#endif
