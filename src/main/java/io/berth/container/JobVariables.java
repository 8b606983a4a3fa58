package io.berth.container;

import java.util.List;

/// Variables that a batch system, an MPI launcher or a tuner of parallel programs sets for each rank.
///
/// They reach the program without being asked for: without them ranks silently become jobs of one.
public final class JobVariables {
    public static final List<String> GLOBS = List.of(
            "SLURM_*",
            "SLURMD_*",
            "PMI_*",
            "PMI2_*",
            "PMIX_*",
            "OMPI_*",
            "PRTE_*",
            "MPI_LOCAL*",
            "MPICH_*",
            "MPIR_*",
            "HYDRA_*",
            "HYDI_*",
            "I_MPI_*",
            "UCX_*",
            "FI_*",
            "PSM2_*",
            "NCCL_*",
            "CUDA_VISIBLE_DEVICES",
            "GPU_DEVICE_ORDINAL",
            "ROCR_VISIBLE_DEVICES",
            "ZE_AFFINITY_MASK",
            "OMP_*",
            "GOMP_*",
            "KMP_*",
            "JOB_ID",
            "SGE_*",
            "NSLOTS",
            "NHOSTS",
            "PE_HOSTFILE",
            "PBS_*",
            "LSB_*",
            "LSF_*",
            "_CONDOR_*",
            "BERTH_ARRAY_INDEX",
            "TERM",
            "TZ",
            "LANG",
            "LC_*");

    private JobVariables() {}

    /// Whether one of the globs (a name, or a beginning and `*`) fits.
    public static boolean covers(String name) {
        return GLOBS.stream()
                .anyMatch(glob ->
                        glob.endsWith("*") ? name.startsWith(glob.substring(0, glob.length() - 1)) : name.equals(glob));
    }
}
