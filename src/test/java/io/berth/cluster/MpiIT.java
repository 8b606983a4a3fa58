package io.berth.cluster;

import static io.berth.cluster.Cluster.MPICH;
import static io.berth.cluster.Cluster.OPENMPI;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every MPI in every kind of mode makes one world, over three nodes and in uneven layouts. One job tries all layouts
/// of a mode, since they share a plan; how its ranks are started is left to what berth finds in the image.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class MpiIT {
    /// Ranks on each node in turn.
    private static final List<List<Integer>> LAYOUTS =
            List.of(List.of(2, 2, 2), List.of(4, 2), List.of(1, 4), List.of(3));

    /// In modes F, where nothing but the start of a rank is of ours.
    private static final List<List<Integer>> SOME = List.of(LAYOUTS.get(0), LAYOUTS.get(1));

    private static final String RUN = "\"$srun\" ";

    private Cluster cluster;

    @BeforeAll
    void start() {
        cluster = Cluster.up(3, Map.of(), "openmpi", "mpich");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"R1", "P1", "P2", "F1", "F3"})
    void open_mpi_makes_one_world_through_pmix_and_mpirun(String mode) throws IOException {
        String script = script(mode, OPENMPI);
        List<List<Integer>> layouts = mode.startsWith("F") ? SOME : LAYOUTS;
        Map<String, String> steps = steps(layouts, lastLine(script));
        steps.put("mpirun", "mpirun.openmpi -n 6 --map-by ppr:2:node " + withoutSrun(lastLine(script)));

        Ended job = run("openmpi-" + mode, script, steps);

        layouts.forEach(layout -> assertThat(part(job, layout.toString())).isEqualTo(world(layout)));
        assertThat(part(job, "mpirun")).isEqualTo(world(List.of(2, 2, 2)));
        assertThat(job.state()).as(job.output()).isEqualTo("COMPLETED");
    }

    /// Its ranks wait by asking again and again, which in P2 left the others no time (src/main/c/proot/waiting.c).
    @ParameterizedTest
    @ValueSource(strings = {"R1", "P1", "P2", "F1", "F3"})
    void mpich_makes_one_world_through_pmi_2_and_hydra(String mode) throws IOException {
        String script = script(mode, MPICH);
        List<List<Integer>> layouts = mode.startsWith("F") ? SOME : LAYOUTS;
        Map<String, String> steps = steps(layouts, lastLine(script));
        steps.put("hydra", "mpiexec.hydra -n 6 -ppn 2 " + withoutSrun(lastLine(script)));

        Ended job = run("mpich-" + mode, script, steps);

        layouts.forEach(layout -> assertThat(part(job, layout.toString())).isEqualTo(world(layout)));
        assertThat(part(job, "hydra")).isEqualTo(world(List.of(2, 2, 2)));
        assertThat(job.state()).as(job.output()).isEqualTo("COMPLETED");
    }

    @Test
    void a_launcher_that_leaves_each_rank_alone_is_refused_before_any_starts() {
        Ended job = cluster.job("--nodes=2", "--tasks=4", "--mpi=pmix", MPICH, "--", "mpi_hello");

        assertThat(job.state()).isEqualTo("FAILED");
        assertThat(job.output())
                .containsPattern("this image has MPICH 4[.0-9]+ with PMI-1; the step uses --mpi=pmix: 4 singletons")
                .contains("--mpi=pmi2 fits")
                .doesNotContain("rank 0 of 1");
    }

    @Test
    void ranks_that_are_meant_to_be_alone_are_with_one_warning_for_all_nodes() {
        Ended job = cluster.job("--nodes=2", "--tasks=4", "--mpi=none", MPICH, "--", "mpi_hello");

        assertThat(job.state()).as(job.output()).isEqualTo("COMPLETED");
        assertThat(job.lines().stream().filter(line -> line.startsWith("rank 0 of 1 ")))
                .hasSize(4);
        assertThat(job.lines().stream().filter(line -> line.contains("4 singletons")))
                .hasSize(1);
    }

    @Test
    void explain_says_what_was_found() {
        String open = prepared("998", OPENMPI, "--mpi=auto", "--ranks=4");
        String crowd = prepared("997", MPICH, "--mpi=pmi2", "--ranks=999", "--mode=P2");

        assertThat(open)
                .containsPattern("  Open MPI [45][.0-9]+ with PMIx, /")
                .contains("  srun offers ")
                .contains("  the step uses --mpi=pmix\n")
                .contains("PMIX_MCA_gds=hash")
                .doesNotContain("misfit")
                .doesNotContain("crowd");
        assertThat(crowd)
                .containsPattern("  MPICH 4[.0-9]+ with PMI-1, /")
                .contains("  more ranks on a node than its ")
                .doesNotContain("PMIX_MCA_gds=hash")
                .endsWith("\ncrowd\n");
        assertThat(prepared("996", MPICH, "--mpi=none", "--ranks=1")).endsWith("\nmisfit\n");
        assertThat(crowd.lines()
                        .filter(line -> line.matches("berth: 999 ranks on a node of [0-9]+ processors: MPICH 4.*")))
                .hasSize(1);
    }

    /// What one node says of a step, with the names of the files that tell the plugin of it.
    private String prepared(String job, String image, String... words) {
        List<String> command = new ArrayList<>(List.of("env", "SLURM_JOB_ID=" + job, "sh", "-c"));
        command.add("berth=$0; image=$(\"$berth\" node pin \"$1\"); shift;"
                + " \"$berth\" --quiet node prepare --explain \"$@\" \"$image\";"
                + " cd /tmp/berth-$(id -u)/jobs/$SLURM_JOB_ID.0/run && ls | grep -e misfit -e crowd;"
                + " \"$berth\" --quiet node release");
        command.addAll(List.of(cluster.berthProgram(), image));
        command.addAll(List.of(words));
        return cluster.on("n1", command.toArray(String[]::new)).output();
    }

    private String script(String mode, String image) {
        List<String> words = new ArrayList<>(
                List.of("job", "script", "--nodes=3", "--tasks=12", "--tasks-per-node=4", "--mode=" + mode));
        words.addAll(List.of(image, "--", "mpi_hello", "near"));
        Outcome script = cluster.berth(words.toArray(String[]::new));
        assertThat(script.status()).as(script.output()).isZero();
        return script.output();
    }

    private static String lastLine(String script) {
        return script.lines().toList().getLast();
    }

    /// For an mpirun of the host, which starts the ranks instead.
    private static String withoutSrun(String run) {
        return run.replaceFirst("^.*? (?=\"\\$berth)", "");
    }

    private static Map<String, String> steps(List<List<Integer>> layouts, String run) {
        assertThat(run).startsWith(RUN);
        Map<String, String> steps = new LinkedHashMap<>();
        for (List<Integer> layout : layouts) {
            List<String> hosts = new ArrayList<>();
            for (int node = 0; node < layout.size(); node++) {
                for (int rank = 0; rank < layout.get(node); rank++) {
                    hosts.add("n" + (node + 1));
                }
            }
            String file = "hosts-" + hosts.size() + "-" + layout.getFirst();
            steps.put(
                    layout.toString(),
                    "printf '%s\\n' " + String.join(" ", hosts) + " > " + file + "\n"
                            + "(unset SLURM_NTASKS SLURM_NPROCS SLURM_NTASKS_PER_NODE SLURM_TASKS_PER_NODE SLURM_NNODES SLURM_JOB_NUM_NODES; SLURM_HOSTFILE="
                            + file + " "
                            + run.replace(RUN, RUN + "--distribution=arbitrary --ntasks=" + hosts.size() + " ")
                            + ")");
        }
        return steps;
    }

    private Ended run(String name, String script, Map<String, String> steps) throws IOException {
        StringBuilder all = new StringBuilder();
        steps.forEach((title, step) ->
                all.append("echo '== ").append(title).append("'\n").append(step).append('\n'));
        String whole = script.replace(lastLine(script) + "\n", all);
        Files.writeString(cluster.home().resolve(name + ".sh"), whole);
        return cluster.await(cluster.sbatch(name + ".sh"));
    }

    /// What a step wrote, which must be nothing but the ranks' lines. That srun had to wait for the step before to be
    /// cleared away is nothing to us.
    private static List<String> part(Ended job, String title) {
        return job.lines().stream()
                .dropWhile(line -> !line.equals("== " + title))
                .skip(1)
                .takeWhile(line -> !line.startsWith("== "))
                .filter(line -> !line.matches("srun: (Job .* step creation temporarily .*|Step created for .*)"))
                .sorted()
                .toList();
    }

    private static List<String> world(List<Integer> layout) {
        int size = layout.stream().mapToInt(Integer::intValue).sum();
        List<String> lines = new ArrayList<>();
        for (int node = 0; node < layout.size(); node++) {
            for (int rank = 0; rank < layout.get(node); rank++) {
                int near = layout.get(node);
                lines.add("rank " + lines.size() + " of " + size + " on n" + (node + 1) + " sum "
                        + size * (size + 1) / 2 + " near " + near + " shared " + near + " copied " + near);
            }
        }
        return lines;
    }
}
