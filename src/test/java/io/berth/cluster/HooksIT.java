package io.berth.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// The scripts of `deploy/slurm/hooks` where Slurm calls them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class HooksIT {
    private static final String NODE = "n1";

    private Cluster cluster;
    private String hooks;

    @BeforeAll
    void start() throws IOException {
        hooks = Cluster.distribution()
                .resolve("share/slurm/hooks")
                .toAbsolutePath()
                .toString();
        Path more = Files.createTempFile("berth-it-slurm", ".conf");
        // they find berth by where they lie, as a site calls them from a script of its own
        Path links = Files.createTempDirectory("berth-it-hooks");
        for (String hook : new String[] {"prolog", "epilog", "task-prolog", "slurmd-start"}) {
            Path file = links.resolve(hook);
            Files.writeString(file, "#!/bin/sh\nenv >/tmp/env." + hook + "\nexec " + hooks + "/" + hook + "\n");
            file.toFile().setExecutable(true, false);
        }
        links.toFile().setReadable(true, false);
        links.toFile().setExecutable(true, false);
        Files.writeString(
                more,
                "Prolog=" + links + "/prolog\nEpilog=" + links + "/epilog\nTaskProlog=" + links
                        + "/task-prolog\nBatchStartTimeout=120\nKillWait=3\nPreemptType=preempt/partition_prio\nPreemptMode=REQUEUE\n"
                        + "PartitionName=again Nodes=ALL PriorityTier=1\n"
                        + "PartitionName=urgent Nodes=ALL PriorityTier=9 PreemptMode=OFF\n");
        Path plugins = Files.writeString(
                links.resolve("plugstack.conf"),
                "required " + Cluster.distribution().toAbsolutePath() + "/lib/slurm/berth.so\n");
        cluster = Cluster.up(
                1,
                Map.of(
                        "CLUSTER_CONF", more.toString(),
                        "CLUSTER_SHARE", links.toString(),
                        "CLUSTER_PLUGSTACK", plugins.toString()),
                "busybox");
        hooks = links.toString();
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void afresh() {
        cluster.forget(NODE);
    }

    private String pinned() {
        return cluster.berth("node", "pin", Cluster.BUSYBOX).output().strip();
    }

    private void jobsAreForgotten() {
        assertThat(cluster.stagedNames(NODE)).noneMatch(name -> name.startsWith("jobs/"));
    }

    @Test
    void the_epilog_forgets_a_job_that_was_killed_with_its_script() throws IOException {
        String image = pinned();
        Files.writeString(
                cluster.home().resolve("killed.sh"),
                "#!/bin/sh\nsrun -n1 " + cluster.berthProgram() + " --quiet node prepare " + image
                        + "\ntouch prepared\nkill -KILL $$\n");

        Ended ended = cluster.await(cluster.sbatch("killed.sh"));

        assertThat(cluster.hasHome("prepared")).as(ended.output()).isTrue();
        assertThat(ended.state()).isNotEqualTo("COMPLETED");
        cluster.idle();
        jobsAreForgotten();
        assertThat(cluster.stagedNames(NODE)).as("the image stays").anyMatch(name -> name.startsWith("images/"));
        assertThat(cluster.on("head", "sinfo", "-h", "-o", "%T").output().strip())
                .as("no node is drained")
                .isEqualTo("idle");
    }

    @Test
    void before_slurmd_starts_what_dead_jobs_left_is_swept() {
        String image = pinned();
        Outcome left = cluster.on(
                NODE, "env", "SLURM_JOB_ID=990099", cluster.berthProgram(), "--quiet", "node", "prepare", image);
        assertThat(left.status()).as(left.output()).isZero();
        assertThat(cluster.stagedNames(NODE)).anyMatch(name -> name.startsWith("jobs/990099"));

        Outcome swept = cluster.asRoot(NODE, hooks + "/slurmd-start");

        assertThat(swept.status()).as(swept.output()).isZero();
        jobsAreForgotten();
        assertThat(cluster.stagedNames(NODE)).as("the image stays").anyMatch(name -> name.startsWith("images/"));

        cluster.asRoot(NODE, "env", "BERTH_IMAGE_DAYS=1", hooks + "/slurmd-start");
        assertThat(cluster.stagedNames(NODE)).as("it was used today").anyMatch(name -> name.startsWith("images/"));
        cluster.asRoot(NODE, "env", "BERTH_IMAGE_DAYS=0", hooks + "/slurmd-start");
        assertThat(cluster.stagedNames(NODE)).noneMatch(name -> name.startsWith("images/"));
    }

    @Test
    void a_running_job_is_not_swept() {
        String id = cluster.submit("--nodes=1", Cluster.BUSYBOX, "--", "/bin/sh", "-c", "touch runs; sleep 300");
        Cluster.until(Duration.ofMinutes(1), "the job runs", () -> cluster.hasHome("runs"));

        cluster.asRoot(NODE, hooks + "/slurmd-start");

        assertThat(cluster.stagedNames(NODE)).anyMatch(name -> name.startsWith("jobs/" + id));
        cluster.on("head", "scancel", id);
        cluster.await(id);
    }

    @Test
    void the_task_prolog_brings_the_image_that_the_user_names() {
        Outcome outcome = cluster.on("head", "env", "BERTH_PREFETCH_IMAGE=" + pinned(), "srun", "-n2", "echo", "task");

        assertThat(outcome.lines()).containsExactly("task", "task");
        assertThat(cluster.stagedNames(NODE)).anyMatch(name -> name.startsWith("images/"));
    }

    @Test
    void an_image_that_cannot_be_brought_neither_ends_the_job_nor_drains_the_node() {
        Outcome outcome = cluster.on(
                "head",
                "env",
                "BERTH_PREFETCH_IMAGE=" + Cluster.REGISTRY + "/berth/none@sha256:" + "0".repeat(64),
                "srun",
                "echo",
                "task");

        assertThat(outcome.status()).isZero();
        assertThat(outcome.lines()).contains("task").anyMatch(line -> line.startsWith("berth: the image could not"));
        assertThat(cluster.on("head", "sinfo", "-h", "-o", "%T").output().strip())
                .isIn("idle", "completing");
    }

    private Outcome hook(String hook, String job, String... variables) {
        List<String> words = new ArrayList<>(List.of("env", "SLURM_JOB_ID=" + job, "SLURM_JOB_UID=" + Cluster.UID));
        words.addAll(List.of(variables));
        words.add(hooks + "/" + hook);
        return cluster.asRoot(NODE, words.toArray(String[]::new));
    }

    /// Whatever a job names, a prolog that failed would drain the node.
    @Test
    void a_prolog_that_brings_nothing_ends_well_and_in_its_time() {
        String nothing = "@sha256:" + "0".repeat(64);
        cluster.asRoot(NODE, "sh", "-c", "socat TCP-LISTEN:5998,reuseaddr EXEC:'sleep 60' >/dev/null 2>&1 &");

        for (String given : List.of(
                "SLURM_JOB_USER=x",
                "SPANK_BERTH_IMAGE=" + Cluster.REGISTRY + "/berth/none" + nothing,
                "SPANK_BERTH_IMAGE=127.0.0.1:1/berth/busybox" + nothing,
                "SPANK_BERTH_IMAGE=; rm -rf /",
                "SPANK_BERTH_IMAGE=127.0.0.1:5998/berth/silent" + nothing)) {
            long began = System.nanoTime();
            Outcome outcome = hook("prolog", "77", "BERTH_PREFETCH_SECONDS=1", given);

            assertThat(outcome).as(given).isEqualTo(new Outcome(0, ""));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).as(given).isLessThan(Duration.ofSeconds(7));
        }
        assertThat(cluster.stagedNames(NODE)).isEmpty();
    }

    @Test
    void the_epilog_leaves_what_other_jobs_have() {
        String image = pinned();
        for (String job : List.of("990001", "990002")) {
            Outcome made = cluster.on(
                    NODE, "env", "SLURM_JOB_ID=" + job, cluster.berthProgram(), "--quiet", "node", "prepare", image);
            assertThat(made.status()).as(made.output()).isZero();
        }

        assertThat(hook("epilog", "990001")).isEqualTo(new Outcome(0, ""));

        assertThat(cluster.stagedNames(NODE))
                .hasSize(2)
                .anyMatch(name -> name.startsWith("images/"))
                .contains("jobs/990002.0");
    }

    @Test
    void the_prolog_brings_the_image_that_the_plugin_tells_it_before_the_job_begins() throws IOException {
        Files.writeString(
                cluster.home().resolve("brought.sh"),
                "#!/bin/sh\n#SBATCH --container-image=" + Cluster.BUSYBOX + "\nls /tmp/berth-" + Cluster.UID
                        + "/images\n");

        Ended ended = cluster.await(cluster.sbatch("brought.sh"));

        assertThat(ended.output().strip()).matches("[0-9a-f]{64}");
        assertThat(cluster.asRoot(NODE, "cat", "/tmp/env.prolog").lines())
                .anyMatch(line -> line.startsWith("SPANK_BERTH_IMAGE=") && line.contains("@sha256:"));
    }

    @Test
    void a_job_waits_for_a_small_one_that_fetches_its_image() {
        Outcome submitted = cluster.berth(
                "job",
                "submit",
                "--prefetch",
                "--nodes=1",
                "--output=job-%j.out",
                Cluster.BUSYBOX,
                "--",
                "/bin/echo",
                "ran");

        assertThat(submitted.lines()).hasSize(2).anyMatch(line -> line.contains("fetches the image first"));
        String id = submitted.lines().stream()
                .filter(line -> line.matches("[0-9]+"))
                .findFirst()
                .orElseThrow();
        Ended ended = cluster.await(id);
        assertThat(ended.output()).isEqualTo("ran\n");
        assertThat(ended.state()).isEqualTo("COMPLETED");
        assertThat(cluster.show(Integer.toString(Integer.parseInt(id) - 1)))
                .containsEntry("JobState", "COMPLETED")
                .containsEntry("JobName", "berth-prefetch");
    }

    @Test
    void a_job_ends_with_the_one_that_should_have_fetched_its_image() {
        cluster.asRoot("head", "scontrol", "update", "NodeName=" + NODE, "State=DRAIN", "Reason=test");
        Outcome submitted = cluster.berth("job", "submit", "--prefetch", Cluster.BUSYBOX, "--", "/bin/echo", "ran");
        String id = submitted.lines().stream()
                .filter(line -> line.matches("[0-9]+"))
                .findFirst()
                .orElseThrow();
        try {
            cluster.on("head", "scancel", Integer.toString(Integer.parseInt(id) - 1));

            assertThat(cluster.await(id).state()).isEqualTo("CANCELLED");
        } finally {
            cluster.asRoot("head", "scontrol", "update", "NodeName=" + NODE, "State=RESUME");
        }
    }

    /// Starts a job whose step unpacks a squashfs file of many small ones, and waits until it is at it.
    private String unpacking() {
        Outcome made = cluster.on(
                "head",
                "sh",
                "-c",
                "[ -e many.sqsh ] || { mkdir -p many/bin && cp /bin/busybox many/bin/sh && (cd many && seq 15000 | xargs touch)"
                        + " && mksquashfs many many.sqsh -quiet -no-progress && rm -rf many; }");
        assertThat(made.status()).as(made.output()).isZero();
        Outcome sent = cluster.on(
                "head",
                "sbatch",
                "--parsable",
                "--partition=again",
                "--exclusive",
                "--requeue",
                "--output=job-%j.out",
                "--wrap=srun --container-image=./many.sqsh sh -c 'echo ran'");
        Cluster.until(
                Duration.ofMinutes(1),
                "it unpacks",
                () -> Cluster.names(cluster.nodeFolder(NODE).resolve("images")).stream()
                        .anyMatch(name -> name.startsWith(".draft")));
        return sent.output().strip();
    }

    /// What is left on the node of a job that has just ended there: trees, half or whole, and processes.
    private static String left() {
        return "find /tmp/berth-" + Cluster.UID + "/images /tmp/berth-" + Cluster.UID
                + "/jobs -mindepth 1 -maxdepth 1; pgrep -l 'unsquashfs|java'; true";
    }

    @Test
    void a_job_that_is_preempted_while_it_unpacks_leaves_nothing_and_runs_again() throws IOException {
        String id = unpacking();
        Outcome urgent = cluster.on(
                "head",
                "sbatch",
                "--parsable",
                "--partition=urgent",
                "--exclusive",
                "--output=job-%j.out",
                "--wrap=" + left());

        Ended first = cluster.await(urgent.output().strip());

        assertThat(first.output()).isEmpty();
        assertThat(first.state()).isEqualTo("COMPLETED");
        cluster.on("head", "scontrol", "update", "JobId=" + id, "StartTime=now");
        Ended again = cluster.await(id);
        assertThat(again.output()).endsWith("ran\n").doesNotContain("make the file anew");
        assertThat(again.state()).isEqualTo("COMPLETED");
        assertThat(cluster.show(id)).containsEntry("Restarts", "1");
    }

    @Test
    void a_job_that_is_cancelled_while_it_unpacks_leaves_nothing() {
        String id = unpacking();

        cluster.on("head", "scancel", id);

        assertThat(cluster.await(id).state()).isEqualTo("CANCELLED");
        cluster.idle();
        assertThat(cluster.on(NODE, "sh", "-c", left()).output()).isEmpty();
    }
}
