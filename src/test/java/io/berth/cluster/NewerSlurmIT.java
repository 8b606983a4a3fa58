package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static io.berth.cluster.Cluster.OPENMPI;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The plugin, compiled with the headers of Debian 13, under its Slurm (24.11): it has `spank_prepend_task_argv`, which
/// the
/// machine's may not have.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(300)
class NewerSlurmIT {
    private static final String PACKAGES =
            "slurmctld,slurmd,slurm-client,slurm-wlm-basic-plugins,munge,libslurm-dev,socat,docker-registry,hostname,procps";
    private static final Duration DOWNLOAD = Duration.ofMinutes(4);
    private static final String IMAGE = "--container-image=" + BUSYBOX;
    private static final String WHERE = "echo $SLURM_PROCID $(sed -n s/^ID=//p /etc/os-release)";

    private Path folder;
    private Cluster cluster;

    @BeforeAll
    void start() throws IOException {
        folder = Files.createTempDirectory("berth-it-newer-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        String root = folder + "/root";
        String made = Cluster.machine(DOWNLOAD, "src/test/cluster/images.sh", "root", "trixie", PACKAGES);
        Cluster.machine(DOWNLOAD, "sh", "-c", "mkdir " + root + " && tar -C " + root + " -xf " + lastLine(made));
        Cluster.machine(
                DOWNLOAD,
                "make",
                "-s",
                "-C",
                "slurm-spank",
                "OUT=" + folder.resolve("plugin"),
                "CFLAGS=-O2 -isystem " + root + "/usr/include");
        cluster = SpankCluster.up(
                folder.resolve("plugin/berth.so"),
                2,
                Map.of(
                        "CLUSTER_ROOT",
                        root,
                        "CLUSTER_SHARE",
                        folder.resolve("plugin").toString()),
                "home=" + Cluster.distribution(),
                "busybox",
                "openmpi");
    }

    private static String lastLine(String text) {
        return text.lines().toList().getLast();
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
        Cluster.machine(DOWNLOAD, "rm", "-rf", "--one-file-system", folder.toString());
    }

    private Outcome step(String... words) {
        return cluster.step(BUSYBOX, words);
    }

    @Test
    void it_is_newer_and_ranks_run_in_the_image() {
        Outcome version = cluster.srun("--version");
        Outcome outcome = step("--nodes=2", "--ntasks=5", "sh", "-c", WHERE);

        assertThat(version.output()).contains(" 24.11.");
        assertThat(outcome.lines().stream().sorted())
                .containsExactlyElementsOf(IntStream.range(0, 5)
                        .mapToObj(rank -> rank + " berth-test")
                        .toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exit 7        | 7
            kill -TERM $$ | 143
            exec nosuch   | 127
            """)
    void the_status_of_the_program_is_the_steps(String script, int status) {
        assertThat(step("--ntasks=2", "sh", "-c", script).status()).isEqualTo(status);
    }

    @Test
    void the_job_passes_its_words_whole() {
        assertThat(step("-n1", "printf", "[%s]", "two words", "", "$HOME").output())
                .isEqualTo("[two words][][$HOME]");
    }

    @Test
    void a_batch_script_stays_on_the_host_unless_told() throws IOException {
        Files.writeString(
                cluster.home().resolve("batch.sh"),
                "#!/bin/sh\nsed -n 's/^ID=/script /p' /etc/os-release\nsrun --quiet sh -c '" + WHERE + "'\n");
        Files.writeString(
                cluster.home().resolve("inside.sh"), "#!/bin/sh\nsed -n 's/^ID=/script /p' /etc/os-release\n");

        Ended outside = batch("batch.sh");
        Ended inside = batch("--container-batch", "inside.sh");

        assertThat(outside.lines()).containsExactly("script debian", "0 berth-test");
        assertThat(inside.lines()).containsExactly("script berth-test");
    }

    private Ended batch(String... words) {
        Outcome outcome = cluster.on(
                "head", "sh", "-c", "sbatch --parsable --output=job-%j.out " + IMAGE + " " + String.join(" ", words));
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return cluster.await(outcome.output().strip());
    }

    @Test
    void a_node_that_cannot_be_prepared_or_lacks_the_plugin_runs_nothing() {
        Outcome unprepared = step("--nodes=2", "--container-mounts=/nosuch:/x", "echo", "ran");
        assertThat(cluster.asRoot("n2", "mount", "--bind", "/dev/null", "/etc/slurm/plugstack.conf")
                        .status())
                .isZero();
        Outcome without;
        try {
            without = step("--nodes=2", "sh", "-c", "echo ran on $SLURMD_NODENAME");
        } finally {
            cluster.asRoot("n2", "umount", "/etc/slurm/plugstack.conf");
        }

        assertThat(unprepared.status()).isEqualTo(125);
        assertThat(unprepared.output()).contains("nothing ran on 2 nodes").doesNotContain("ran\n");
        assertThat(without.status()).isEqualTo(125);
        assertThat(without.output()).contains("ran on n1").doesNotContain("ran on n2");
        cluster.idle();
        assertThat(cluster.on("head", "sinfo", "-h", "-o", "%T").output()).doesNotContain("drain");
    }

    /// A newer PMIx server, and the client of the image.
    @Test
    void open_mpi_through_pmix_sees_all_its_ranks() {
        Outcome outcome = cluster.step(OPENMPI, "--mpi=pmix", "--nodes=2", "--ntasks-per-node=2", "mpi_hello");

        assertThat(outcome.lines().stream().sorted())
                .containsExactlyElementsOf(IntStream.range(0, 4)
                        .mapToObj(rank -> "rank " + rank + " of 4 on n" + (rank / 2 + 1) + " sum 10")
                        .toList());
    }
}
