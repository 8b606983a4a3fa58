package io.berth.batch;

/// The host's `mpirun` where the batch system itself starts no ranks.
///
/// Source: mpirun(1) of Open MPI 4.1, mpiexec(1) of MPICH 4.0 (hydra).
///
/// @param eachNode begins a command that runs once on each node; in the script `$nodes` says how many
/// @param eachRank begins the command of the ranks; `$tasks` says how many
record HostMpi(String eachNode, String eachRank) {
    static HostMpi of(String launcher) {
        return switch (launcher) {
            case "openmpi" ->
                new HostMpi(
                        "mpirun --map-by ppr:1:node -x BERTH_JOB_ID -x BERTH_JOB_RESTART -x BERTH_NODE_DIR ",
                        "mpirun -np \"$tasks\" ");
            case "mpich" -> new HostMpi("mpiexec -n \"$nodes\" -ppn 1 ", "mpiexec -n \"$tasks\" ");
            default -> new HostMpi("", "");
        };
    }
}
