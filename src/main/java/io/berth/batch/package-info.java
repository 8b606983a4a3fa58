/// The batch side: the job's environment, what MPI launchers hand on, job scripts. Never chooses a mode.
/// Start with [io.berth.batch.JobEnvironment] and `job-templates/slurm.sbatch`.
@NullMarked
package io.berth.batch;

import org.jspecify.annotations.NullMarked;
