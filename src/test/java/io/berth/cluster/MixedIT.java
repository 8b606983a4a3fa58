package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Nodes that differ: n1 can do R1 and P1, n2 has no user namespaces, n3 has no proot.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class MixedIT {
    private static final String ORDER = "BERTH_MODE_ORDER=R1 P1";
    private static final String IMAGE = "--container-image=" + BUSYBOX;
    /// Under PRoot there is a tracer.
    private static final String WHICH = "echo \"$(hostname) $(grep -c 'TracerPid:.0$' /proc/self/status)\"";

    private static final String R1 = " 1";
    private static final String P1 = " 0";
    private static final String NOTHING_IN_COMMON =
            "agreeing on one execution mode for the nodes of the step: none works on all; n";

    private Cluster cluster;

    @BeforeAll
    void start() throws IOException {
        cluster = SpankCluster.up(
                3,
                java.util.Map.of("CLUSTER_NOUSERNS", "n2", "CLUSTER_HIDE", "n3:proot," + Cluster.ownProot()),
                "",
                "busybox");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Outcome srun(String nodes, String... options) {
        return srun(List.of("sh", "-c", WHICH), nodes, options);
    }

    private Outcome srun(List<String> command, String nodes, String... options) {
        List<String> words = new ArrayList<>(List.of(
                "env",
                ORDER,
                "srun",
                "--quiet",
                "--mpi=pmi2",
                "--nodelist=" + nodes,
                "--ntasks-per-node=2",
                "--ntasks=4",
                IMAGE));
        words.addAll(List.of(options));
        words.addAll(command);
        return cluster.on("head", words.toArray(String[]::new));
    }

    private Ended job(String nodes, String... options) {
        List<String> words = new ArrayList<>(List.of(
                "env",
                ORDER,
                cluster.berthProgram(),
                "job",
                "submit",
                "--output=job-%j.out",
                "--mpi=pmi2",
                "--nodes=2",
                "--tasks=4",
                "--tasks-per-node=2",
                "--directive=--nodelist=" + nodes));
        words.addAll(List.of(options));
        words.addAll(List.of(BUSYBOX, "--", "sh", "-c", WHICH));
        return cluster.await(
                cluster.on("head", words.toArray(String[]::new)).output().strip());
    }

    private static void areAll(List<String> lines, String first, String second) {
        assertThat(lines).containsExactlyInAnyOrder(first, first, second, second);
    }

    @Test
    void the_ranks_of_a_step_run_in_the_one_mode_that_all_its_nodes_can_do() {
        areAll(srun("n1,n2").lines(), "n1" + P1, "n2" + P1);
        areAll(srun("n1,n2").lines(), "n1" + P1, "n2" + P1); // the plans are there
        areAll(srun("n1,n3").lines(), "n1" + R1, "n3" + R1);
        areAll(job("n1,n2").lines(), "n1" + P1, "n2" + P1);
    }

    /// As hydra's mpiexec has srun start its helpers.
    @Test
    void so_do_ranks_below_the_helpers_of_an_mpirun() throws IOException {
        Path helper = Files.writeString(cluster.home().resolve("hydra_pmi_proxy"), "#!/bin/sh\n" + WHICH + "\n");
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));

        areAll(srun(List.of("./hydra_pmi_proxy"), "n1,n2", "--mpi=none").lines(), "n1" + P1, "n2" + P1);
    }

    @Test
    void nodes_may_differ_when_that_is_wanted_or_no_ranks_meet() {
        areAll(srun("n1,n2", "--container-mode=per-node").lines(), "n1" + R1, "n2" + P1);
        areAll(srun("n1,n2", "--mpi=none").lines(), "n1" + R1, "n2" + P1);
        areAll(job("n1,n2", "--mode=per-node").lines(), "n1" + R1, "n2" + P1);
    }

    /// Ranks of the others would wait for those of that node without end.
    @Test
    void no_rank_begins_in_a_named_mode_that_one_node_cannot_do() {
        Outcome outcome = srun("n1,n2", "--container-mode=R1");

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.output()).contains("preparing node n2").doesNotContain("n1" + R1);
        areAll(srun("n1,n3", "--container-mode=R1").lines(), "n1" + R1, "n3" + R1);
    }

    @Test
    void nodes_with_nothing_in_common_are_named_with_their_reasons_once() {
        Outcome step = srun("n2,n3");
        Ended job = job("n2,n3");

        assertThat(step.status()).isEqualTo(125);
        assertThat(job.state()).isEqualTo("FAILED");
        for (List<String> lines : List.of(step.lines(), job.lines())) {
            assertThat(lines)
                    .filteredOn(line -> line.contains(NOTHING_IN_COMMON))
                    .hasSize(1);
            assertThat(lines)
                    .anyMatch(line -> line.contains("n2 can do P1 (not R1: making a user and a mount namespace")
                            && line.contains("n3 can do R1 (not P1: "));
            assertThat(lines).noneMatch(line -> line.endsWith(R1) || line.endsWith(P1));
        }
    }
}
