package io.berth.batch;

import java.util.Map;
import java.util.Optional;

/// How the ranks of a step are going to be started.
///
/// @param launcher as `srun --mpi` names it, or `mpirun`; absent when it is still to be chosen, or nobody knows
/// @param wish how it came to that
/// @param ranks in all
/// @param first whether this node speaks for all
public record MpiStep(Optional<String> launcher, Wish wish, int ranks, boolean first) {
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

    /// Source: variables that PMI-2 and PMIx of Slurm 22.05 set.
    ///
    /// @param named by the script, `auto` when it leaves the choice, or `mpirun` by the plugin; else absent
    /// @param ranks that the script counted
    public static MpiStep of(Optional<String> named, Optional<Integer> ranks, Map<String, String> environment) {
        boolean first = environment.getOrDefault("SLURM_NODEID", "0").equals("0");
        int all = ranks.orElseGet(() -> number(environment.getOrDefault("SLURM_NTASKS", "")));
        if (environment.containsKey("BERTH_SRUN")) {
            return new MpiStep(Optional.of("none"), Wish.SEEN, all, first); // on this machine alone
        }
        if (named.isEmpty()) {
            String seen = environment.containsKey("PMIX_NAMESPACE")
                    ? "pmix"
                    : environment.containsKey("PMI_FD") ? "pmi2" : "none";
            return new MpiStep(Optional.of(seen), Wish.SEEN, all, first);
        }
        if (named.get().equals(MPIRUN)) {
            return new MpiStep(named, Wish.SEEN, all, first);
        }
        return named.get().equals(AUTOMATIC)
                ? new MpiStep(Optional.empty(), Wish.OPEN, all, first)
                : new MpiStep(named, Wish.NAMED, all, first);
    }

    /// Whether the tasks are not ranks but helpers of an mpirun, which starts the ranks below them and joins these
    /// itself.
    public boolean byMpirun() {
        return launcher.filter(MPIRUN::equals).isPresent();
    }

    private static int number(String text) {
        return text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : 1;
    }
}
