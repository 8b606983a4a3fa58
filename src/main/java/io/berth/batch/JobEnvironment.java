package io.berth.batch;

import io.berth.fault.FaultException;
import io.berth.stage.JobKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads what the batch system tells a job, once.
///
/// Source: sbatch(1) and srun(1) of Slurm 22.05, "OUTPUT ENVIRONMENT VARIABLES".
public final class JobEnvironment {
    private static final List<String> GPUS = List.of("SLURM_STEP_GPUS", "SLURM_JOB_GPUS");

    private JobEnvironment() {}

    /// @param fallbackNode name of this machine, when the batch system does not say
    /// Errors: BAD_INPUT outside a job.
    public static NodeContext parse(Map<String, String> environment, String fallbackNode) {
        String job = Optional.ofNullable(environment.get("SLURM_JOB_ID"))
                .orElseThrow(() -> FaultException.badInput(
                        "reading the job's environment: SLURM_JOB_ID is not set",
                        "run this inside a job, as the script of 'berth job script' does"));
        return new NodeContext(
                new JobKey(job, number(environment.getOrDefault("SLURM_RESTART_COUNT", ""))),
                environment.getOrDefault("SLURMD_NODENAME", fallbackNode),
                environment.getOrDefault("SLURM_SUBMIT_DIR", environment.getOrDefault("PWD", "/")),
                GPUS.stream()
                        .anyMatch(name -> !environment.getOrDefault(name, "").isBlank()));
    }

    /// Unset and empty are 0, as the job script reads it.
    private static int number(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw FaultException.badInput(
                    "reading the job's environment: SLURM_RESTART_COUNT is '" + text + "', not a number",
                    "unset it, or let Slurm set it");
        }
    }
}
