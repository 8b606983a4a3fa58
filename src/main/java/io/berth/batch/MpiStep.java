package io.berth.batch;

import java.util.Map;
import java.util.Optional;

/// How the ranks of a step are going to be started.
///
/// @param launcher as `srun --mpi` names it, or `mpirun`; absent when it is still to be chosen, or nobody knows
/// @param wish how it came to that
/// @param ranks in all
/// @param nodes that they are spread over
/// @param first whether this node speaks for all
public record MpiStep(Optional<String> launcher, Wish wish, int ranks, int nodes, boolean first) {
    /// Who decides.
    public enum Wish {
        /// The user named it.
        NAMED,
        /// It is chosen by what the image has.
        OPEN,
        /// Ranks are starting: it is what they were given.
        SEEN
    }

    private static final String AUTOMATIC = "auto";
    private static final String MPIRUN = "mpirun";
    private static final String NONE = "none";

    /// Source: variables that PMI-2 and PMIx of Slurm 22.05 set.
    ///
    /// @param named by the script, `auto` when it leaves the choice, or `mpirun` by the plugin; else absent
    /// @param ranks that the script counted
    public static MpiStep of(Optional<String> named, Optional<Integer> ranks, Map<String, String> environment) {
        boolean first = environment.getOrDefault("SLURM_NODEID", "0").equals("0");
        int all = ranks.orElseGet(() -> number(environment.getOrDefault("SLURM_NTASKS", "")));
        int nodes = number(environment.getOrDefault("SLURM_JOB_NUM_NODES", ""));
        if (environment.containsKey("BERTH_SRUN")) {
            return new MpiStep(Optional.of(NONE), Wish.SEEN, all, nodes, first); // on this machine alone
        }
        if (named.isEmpty()) {
            String seen = environment.containsKey("PMIX_NAMESPACE")
                    ? "pmix"
                    : environment.containsKey("PMI_FD") ? "pmi2" : NONE;
            return new MpiStep(Optional.of(seen), Wish.SEEN, all, nodes, first);
        }
        if (named.get().equals(MPIRUN)) {
            return new MpiStep(named, Wish.SEEN, all, nodes, first);
        }
        return named.get().equals(AUTOMATIC)
                ? new MpiStep(Optional.empty(), Wish.OPEN, all, nodes, first)
                : new MpiStep(named, Wish.NAMED, all, nodes, first);
    }

    /// Whether the tasks are not ranks but helpers of an mpirun, which starts the ranks below them and joins these
    /// itself.
    public boolean byMpirun() {
        return launcher.filter(MPIRUN::equals).isPresent();
    }

    /// Whether nothing joins the ranks.
    public boolean areAlone() {
        return launcher.filter(NONE::equals).isPresent();
    }

    /// How many at least are on the fullest node.
    public int ranksOfNode() {
        return Math.ceilDiv(ranks, Math.max(1, nodes));
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 1;
    }
}
