package io.berth.batch;

import io.berth.process.Mount;
import java.util.List;

/// What an MPI launcher gives its ranks beside variables.
///
/// Source: tried with Slurm 22.05: PMI-2 passes a socket whose number stands in PMI_FD and differs from rank to rank;
/// PMIx rendezvous files lie in the node's temporary folder.
public final class MpiHandoff {
    private MpiHandoff() {}

    public static List<String> descriptorVariables() {
        return List.of("PMI_FD");
    }

    public static List<Mount> mounts() {
        return List.of(Mount.Bind.inPlace("/tmp"), Mount.Bind.inPlace("/var/tmp"), Mount.Bind.inPlace("/etc/hosts"));
    }
}
