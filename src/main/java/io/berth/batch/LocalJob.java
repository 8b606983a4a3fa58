package io.berth.batch;

import io.berth.process.Command;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// Runs a job script on this machine alone, with `libexec/berth-local` in the place of srun.
///
/// @param launcher that starts N ranks here
/// @param node name of this machine
public record LocalJob(Path launcher, String node, long processId, String workingDirectory) {
    /// @return the script's exit status
    public int run(Path script, int ranks) {
        SequencedMap<String, String> environment = new LinkedHashMap<>();
        environment.put("BERTH_SRUN", launcher.toString());
        environment.put("SLURM_JOB_ID", "local-" + processId);
        environment.put("SLURM_JOB_NUM_NODES", "1");
        environment.put("SLURM_NTASKS", Integer.toString(ranks));
        environment.put("SLURM_SUBMIT_DIR", workingDirectory);
        environment.put("SLURMD_NODENAME", node);
        // whoever may run this may run what the script calls
        environment.put("BERTH_ALLOW_ROOT", "1");
        return Command.runHere(List.of("/bin/sh", script.toString()), environment);
    }
}
