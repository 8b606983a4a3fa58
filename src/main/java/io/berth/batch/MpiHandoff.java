package io.berth.batch;

import io.berth.process.Mount;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What an MPI launcher gives its ranks beside variables.
///
/// Source: tried with Slurm 22.05: PMI-2 passes a socket whose number stands in PMI_FD and differs from rank to rank;
/// PMIx rendezvous files lie in the node's temporary folder.
public final class MpiHandoff {
    private MpiHandoff() {}

    public static List<String> descriptorVariables() {
        return List.of("PMI_FD");
    }

    /// PMIx looks for a shared-memory store below slurmd's spool folder, which the container does not show, and
    /// complains on every rank; the store in the process's own memory needs nothing from there.
    ///
    /// @param pmix whether ranks ask by it
    public static SequencedMap<String, String> variables(boolean pmix) {
        SequencedMap<String, String> variables = new LinkedHashMap<>();
        if (pmix) {
            variables.put("PMIX_MCA_gds", "hash");
        }
        return variables;
    }

    public static List<Mount> mounts() {
        return List.of(Mount.Bind.inPlace("/tmp"), Mount.Bind.inPlace("/var/tmp"), Mount.Bind.inPlace("/etc/hosts"));
    }
}
