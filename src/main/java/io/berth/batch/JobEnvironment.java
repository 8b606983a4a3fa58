package io.berth.batch;

import io.berth.fault.FaultException;
import io.berth.stage.JobKey;
import java.util.List;
import java.util.Map;

/// Reads what the batch system tells a job, once.
///
/// Source: sbatch(1) and srun(1) of Slurm 22.05, "OUTPUT ENVIRONMENT VARIABLES"; for other batch systems our own
/// templates translate theirs to `BERTH_JOB_ID` and `BERTH_JOB_RESTART`.
public final class JobEnvironment {
    private static final List<String> GPUS = List.of("SLURM_STEP_GPUS", "SLURM_JOB_GPUS");

    private JobEnvironment() {}

    /// @param fallbackNode name of this machine, when the batch system does not say
    /// Errors: BAD_INPUT outside a job.
    public static NodeContext parse(Map<String, String> environment, String fallbackNode) {
        String job = environment.getOrDefault("SLURM_JOB_ID", environment.getOrDefault("BERTH_JOB_ID", ""));
        if (job.isEmpty()) {
            throw FaultException.badInput(
                    "reading the job's environment: SLURM_JOB_ID is not set, nor is BERTH_JOB_ID",
                    "run this inside a job, as the script of 'berth job script' does");
        }
        boolean slurm = environment.containsKey("SLURM_JOB_ID");
        return new NodeContext(
                new JobKey(job, number(environment, slurm ? "SLURM_RESTART_COUNT" : "BERTH_JOB_RESTART")),
                environment.getOrDefault("SLURMD_NODENAME", fallbackNode),
                environment.getOrDefault("SLURM_SUBMIT_DIR", environment.getOrDefault("PWD", "/")),
                GPUS.stream()
                        .anyMatch(name -> !environment.getOrDefault(name, "").isBlank()));
    }

    /// Whether a job is one of another batch system than Slurm: scripts for those put a word before the number.
    static boolean isForeign(String job) {
        return job.matches("(ge|pbs|lsf|condor)-.*");
    }

    /// Unset and empty are 0, as the job script reads it.
    private static int number(Map<String, String> environment, String variable) {
        String text = environment.getOrDefault(variable, "");
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw FaultException.badInput(
                    "reading the job's environment: " + variable + " is '" + text + "', not a number",
                    "unset it, or let the batch system set it");
        }
    }
}
