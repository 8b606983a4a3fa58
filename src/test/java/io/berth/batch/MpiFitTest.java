package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.elf.MpiLibrary;
import io.berth.elf.MpiLibrary.Client;
import io.berth.elf.MpiLibrary.Kind;
import io.berth.fake.Golden;
import io.berth.fault.FaultException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class MpiFitTest {
    private static final Map<String, List<MpiLibrary>> IMAGES = new java.util.TreeMap<>(Map.of(
            "nothing", List.of(),
            "openmpi", List.of(new MpiLibrary(Kind.OPEN_MPI, "4.1.4", List.of(Client.PMIX), "/usr/lib/libmpi.so.40")),
            "mpich", List.of(new MpiLibrary(Kind.MPICH, "4.0.2", List.of(Client.PMI_1), "/usr/lib/libmpich.so.12")),
            "no client", List.of(new MpiLibrary(Kind.OPEN_MPI, "4.1.4", List.of(), "/usr/lib/libmpi.so.40")),
            "intel", List.of(new MpiLibrary(Kind.INTEL_MPI, "", List.of(), "/opt/lib/libmpi.so.12"))));
    private static final List<String> USUAL = List.of("none", "pmi2", "pmix");

    private static List<MpiLibrary> image(String name) {
        return IMAGES.getOrDefault(name, List.of());
    }

    private static String judged(List<MpiLibrary> image, MpiStep step, List<String> offered) {
        try {
            MpiFit fit = MpiFit.of(image, step, () -> offered);
            return "--mpi=" + fit.launcher().orElse("")
                    + fit.warning().map(line -> "\n  warning: " + line).orElse("") + "\n  "
                    + String.join("\n  ", fit.lines()) + "\n";
        } catch (FaultException e) {
            return "refused: " + e.getMessage() + "\n  hint: " + e.hint().orElse("") + "\n";
        }
    }

    private static MpiStep script(String named, int ranks) {
        return MpiStep.of(Optional.of(named), Optional.of(ranks), Map.of());
    }

    @Test
    void what_is_said_of_each_image_and_launcher_is_as_it_was_reviewed() {
        StringBuilder all = new StringBuilder();
        IMAGES.forEach((name, image) -> {
            for (String named : List.of("auto", "pmix", "pmi2", "none")) {
                all.append("== ")
                        .append(name)
                        .append(", 8 ranks, ")
                        .append(named)
                        .append('\n');
                all.append(judged(image, script(named, 8), USUAL));
            }
        });
        all.append("== openmpi, 8 ranks, auto, no pmix\n")
                .append(judged(image("openmpi"), script("auto", 8), List.of("none", "pmi2")));
        all.append("== openmpi, 8 ranks, auto, srun is silent\n")
                .append(judged(image("openmpi"), script("auto", 8), List.of()));
        all.append("== openmpi, 1 rank, pmi2\n").append(judged(image("openmpi"), script("pmi2", 1), USUAL));

        all.append("== openmpi, 2 helpers of an mpirun\n").append(judged(image("openmpi"), script("mpirun", 2), USUAL));

        Golden.check("mpi-fit.txt", all.toString());
    }

    /// So that the nodes of its ranks agree on a mode, as those of srun's ranks do.
    @Test
    void an_mpirun_joins_ranks_and_warns_of_none_alone() {
        MpiStep none = MpiStep.of(Optional.empty(), Optional.empty(), Map.of("SLURM_NTASKS", "2"));

        assertThat(MpiFit.of(image("openmpi"), script("mpirun", 2), List::of).joinsRanks())
                .isTrue();
        assertThat(MpiFit.of(image("openmpi"), none, List::of).joinsRanks()).isFalse();
    }

    @Test
    void ranks_that_start_already_are_only_warned() {
        MpiStep none = MpiStep.of(Optional.empty(), Optional.empty(), Map.of("SLURM_NTASKS", "4"));
        MpiStep pmi2 = MpiStep.of(Optional.empty(), Optional.empty(), Map.of("SLURM_NTASKS", "4", "PMI_FD", "11"));
        MpiStep local = MpiStep.of(Optional.of("pmix"), Optional.of(4), Map.of("BERTH_SRUN", "/x"));

        assertThat(MpiFit.of(image("openmpi"), none, List::of).warning()).isPresent();
        assertThat(MpiFit.of(image("openmpi"), pmi2, List::of).warning())
                .hasValue("this image has Open MPI 4.1.4 with PMIx; the step uses --mpi=pmi2: 4 singletons");
        assertThat(MpiFit.of(image("openmpi"), local, List::of).warning()).isPresent();
        assertThat(MpiFit.of(image("mpich"), pmi2, List::of).warning()).isEmpty();
    }

    @Test
    void more_ranks_than_processors_are_warned_of_where_they_starve() {
        MpiStep seven = MpiStep.of(
                Optional.of("pmi2"), Optional.of(7), Map.of("SLURM_JOB_NUM_NODES", "2", "SLURM_NODEID", "1"));
        String text =
                "MPICH 4.0.2 with PMI-1 in P2 may be slow or hang, since ranks that wait keep others from working;"
                        + " take another mode, or fewer ranks a node";

        assertThat(MpiCrowd.of(image("mpich"), seven, "P2", () -> 3)).hasValueSatisfying(crowd -> {
            assertThat(crowd.line()).isEqualTo("more ranks on a node than its 3 processors: " + text);
            assertThat(crowd.warning(seven)).hasValue("4 ranks on a node of 3 processors: " + text);
        });
        assertThat(MpiCrowd.of(image("mpich"), seven, "P2", () -> 4).flatMap(crowd -> crowd.warning(seven)))
                .isEmpty();
        assertThat(MpiCrowd.of(image("mpich"), seven, "P1", () -> 3)).isEmpty();
        assertThat(MpiCrowd.of(image("openmpi"), seven, "P2", () -> 3)).isEmpty();
        assertThat(MpiCrowd.of(image("mpich"), script("none", 7), "P2", () -> 3))
                .isEmpty();
        assertThat(MpiCrowd.processorsHere()).isPositive();
    }

    @Test
    void one_node_speaks_for_all() {
        assertThat(MpiStep.of(Optional.of("none"), Optional.of(2), Map.of("SLURM_NODEID", "0"))
                        .first())
                .isTrue();
        assertThat(MpiStep.of(Optional.of("none"), Optional.of(2), Map.of("SLURM_NODEID", "1"))
                        .first())
                .isFalse();
    }

    @Test
    void what_srun_lists_is_read_with_and_without_versions() {
        assertThat(
                        Slurm.offered(
                                "MPI plugin types are...\n\tpmix\n\tpmi2\n\tnone\nspecific pmix plugin versions available: pmix_v4\n"))
                .containsExactly("none", "pmi2", "pmix");
        assertThat(Slurm.offered("srun: MPI types are...\nsrun: none\nsrun: pmi2\n"))
                .containsExactly("none", "pmi2");
    }
}
