package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static io.berth.cluster.Cluster.OPENMPI;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
import org.junit.jupiter.params.provider.ValueSource;

/// `srun --container-image=...` on a cluster that loads the plugin, with an extern step and a TaskProlog.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class SpankIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] NODES = {"n1", "n2", "n3"};
    private static final String IMAGE = "--container-image=" + BUSYBOX;
    private static final String WHERE = "echo \"$(hostname) $SLURM_PROCID $(sed -n s/^ID=//p /etc/os-release)\"";

    private Cluster cluster;

    @BeforeAll
    void start() throws IOException {
        cluster = SpankCluster.up(3, "", "busybox", "openmpi");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    private Outcome step(String... words) {
        return cluster.step(BUSYBOX, words);
    }

    @Test
    void each_rank_of_an_uneven_step_runs_in_the_image_that_was_sent_once() {
        cluster.forget(NODES);
        List<String> blobs = cluster.blobsOf(BUSYBOX);
        cluster.clearLog();

        Outcome outcome = step("--nodes=3", "--ntasks=9", "sh", "-c", WHERE);

        assertThat(outcome.status()).as(outcome.output()).isZero();
        assertThat(outcome.lines()).hasSize(9).allMatch(line -> line.endsWith(" berth-test"));
        assertThat(outcome.lines()).extracting(line -> line.split(" ")[1]).doesNotHaveDuplicates();
        assertThat(outcome.lines())
                .extracting(line -> line.split(" ")[0])
                .contains(NODES)
                .filteredOn("n1"::equals)
                .hasSize(7);
        assertThat(cluster.blobsSent()).isEqualTo(blobs);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exit 0        | 0
            exit 7        | 7
            kill -TERM $$ | 143
            kill -KILL $$ | 137
            exec nosuch   | 127
            """)
    void the_status_of_the_program_is_the_steps(String script, int status) {
        assertThat(step("--ntasks=2", "sh", "-c", script).status()).isEqualTo(status);
    }

    @Test
    void a_program_is_looked_up_inside() {
        Outcome missing = step("--ntasks=1", "python3");

        assertThat(missing.status()).isEqualTo(127);
        assertThat(missing.output()).contains("starting python3 in the container: not found in PATH");
    }

    @Test
    void variables_of_outside_pass_and_none_of_the_plugins() {
        Outcome outcome =
                cluster.on("head", "env", "MINE=1", "LD_PRELOAD=", "srun", "--quiet", "-w", "n1", "-n1", IMAGE, "env");

        assertThat(outcome.status()).as(outcome.output()).isZero();
        assertThat(outcome.lines())
                .contains("MINE=1", "FROM_PROLOG=n1", "SLURM_PROCID=0")
                .noneMatch(line -> line.startsWith("SLURM_BERTH_") || line.startsWith("LD_"));
    }

    /// Each as a bare srun shows it.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "ulimit -Sn; ulimit -Sc; ulimit -Hn",
                "umask; echo $TMPDIR",
                "grep -e Cpus_allowed_list -e SigBlk /proc/self/status",
                "cat /proc/self/cgroup /proc/self/oom_score_adj",
                "for f in /proc/self/fd/*; do echo ${f##*/}; done"
            })
    void a_task_is_what_slurm_made_of_it(String script) {
        String set = "ulimit -Sn 777; ulimit -Sc 0; umask 027; export TMPDIR=/tmp/mine; exec srun --quiet -w n1 -n1";

        Outcome bare = cluster.on("head", "sh", "-c", set + " sh -c '" + script + "'");
        Outcome inside = cluster.on("head", "sh", "-c", set + " " + IMAGE + " sh -c '" + script + "'");

        assertThat(bare.status()).as(bare.output()).isZero();
        assertThat(inside.output().replaceAll("job_[0-9]+", "job"))
                .isNotEmpty()
                .isEqualTo(bare.output().replaceAll("job_[0-9]+", "job"));
    }

    @Test
    void a_signal_reaches_each_rank_once() {
        String rank =
                "trap \"echo caught\" USR1; : > up-$SLURM_PROCID; i=0; while [ $i -lt 20 ]; do sleep 0.1; i=$((i+1)); done";

        Outcome outcome = cluster.on(
                "head",
                "sh",
                "-c",
                "rm -f up-*; srun --quiet -w n1,n2 -N2 -n4 " + IMAGE + " sh -c '" + rank + "' & "
                        + "until [ -e up-0 ] && [ -e up-1 ] && [ -e up-2 ] && [ -e up-3 ]; do sleep 0.05; done;"
                        + "scancel --signal=USR1 $(squeue -h -o %A).0; wait $!");

        assertThat(outcome.status()).as(outcome.output()).isZero();
        // the shell also says of its sleep, which Slurm signals as well, how it ended
        assertThat(outcome.lines().stream().filter("caught"::equals)).hasSize(4);
    }

    @Test
    void nothing_of_the_environment_still_starts() {
        Outcome outcome = step("--export=NONE", "--nodelist=n1", "--ntasks=1", "sh", "-c", WHERE);

        assertThat(outcome.output()).isEqualTo("n1 0 berth-test\n");
    }

    @Test
    void options_come_from_variables_too_and_the_command_line_wins() {
        Outcome outcome = cluster.on(
                "head",
                "env",
                "PYXIS_CONTAINER_IMAGE=" + BUSYBOX,
                "BERTH_CONTAINER_WORKDIR=/etc",
                "srun",
                "--quiet",
                "-n1",
                "--nodelist=n1",
                "--container-workdir=/bin",
                "sh",
                "-c",
                "pwd; " + WHERE);

        assertThat(outcome.lines()).containsExactly("/bin", "n1 0 berth-test");
    }

    @Test
    void mounts_and_the_home_are_shown_as_asked() throws IOException {
        Files.createDirectories(cluster.home().resolve("with blank"));
        Files.writeString(cluster.home().resolve("with blank/file"), "content\n");

        Outcome outcome = step(
                "--ntasks=1",
                "--container-mounts=./with blank:/in side:ro,/etc/hostname:/name,/etc/slurm,umount:/var/tmp,tmpfs:/mem:size=1m",
                "--container-mount-home",
                "sh",
                "-c",
                "grep -c '^tmpfs /mem tmpfs rw,.*size=1024k' /proc/mounts; cat '/in side/file' /name; touch '/in side/new' || echo read-only; echo $HOME;"
                        + " grep -c '^ClusterName=' /etc/slurm/slurm.conf; grep -c ' /var/tmp ' /proc/mounts; true");

        assertThat(outcome.lines())
                .contains("1", "content", "read-only")
                .endsWith(cluster.home().toString(), "1", "0")
                .hasSize(8);
    }

    @Test
    void each_node_tells_its_mode_and_plan_once_when_asked() {
        Outcome outcome = step("--nodes=2", "--ntasks=6", "--container-explain", "true");

        assertThat(outcome.status()).as(outcome.output()).isZero();
        assertThat(outcome.lines()).filteredOn("mode R1"::equals).hasSize(2);
        assertThat(outcome.lines())
                .filteredOn(line -> line.startsWith("  node "))
                .hasSize(2)
                .doesNotHaveDuplicates();
    }

    @Test
    void one_may_look_like_root() {
        assertThat(step("--ntasks=1", "--container-remap-root", "id", "-u").output())
                .isEqualTo("0\n");
        assertThat(step("--ntasks=1", "id", "-u").output()).isEqualTo(Cluster.UID + "\n");
    }

    @Test
    void what_a_step_may_change_is_its_own_or_kept_under_a_name_until_the_job_ends() {
        String change = "cat /made 2>/dev/null; echo by step $SLURM_STEP_ID >> /made && cat /made";
        String steps = Stream.of(
                        "--container-readonly " + IMAGE,
                        "--container-writable " + IMAGE,
                        "--container-writable " + IMAGE,
                        "--container-name=kept " + IMAGE,
                        "--container-name=kept",
                        "--container-name=kept --container-readonly",
                        "--container-name=kept:create " + IMAGE,
                        "--container-name=other")
                .map(options -> "echo; srun --quiet " + options + " sh -c '" + change + "' 2>&1")
                .reduce("true", (all, step) -> all + "; " + step);

        Outcome outcome = cluster.on("head", "salloc", "--quiet", "-w", "n1", "-n1", "sh", "-c", steps);

        List<String> said = List.of(outcome.output().strip().split("\n\n"));
        assertThat(said.get(0)).contains("Read-only file system");
        assertThat(said.subList(1, 5))
                .containsExactly("by step 1", "by step 2", "by step 3", "by step 3\nby step 3\nby step 4");
        assertThat(said.get(5)).startsWith("by step 3\nby step 4\n").contains("Read-only file system");
        assertThat(said.get(6)).contains("making container kept: the job has one of that name here");
        assertThat(said.get(7)).contains("making container other: no image is named");
        Cluster.until(
                SOON,
                "the job's files are gone",
                () -> cluster.stagedNames("n1").stream().noneMatch(name -> name.startsWith("jobs/")));
    }

    @Test
    void steps_that_run_at_once_in_a_named_container_share_its_namespaces() {
        String rank = "readlink /proc/self/ns/user; touch here-$SLURM_STEP_ID;"
                + " while [ $(ls here-* | wc -l) -lt 3 ]; do sleep 0.1; done";
        String named = "srun --quiet --overlap --container-name=shared" + " " + IMAGE + " sh -c '" + rank + "' & ";
        String apart = "srun --quiet --overlap --container-name=shared:no_exec " + IMAGE + " sh -c '" + rank + "' & ";

        Outcome outcome =
                cluster.on("head", "salloc", "--quiet", "-w", "n1", "-n1", "sh", "-c", named + named + apart + "wait");

        assertThat(outcome.lines()).hasSize(3);
        assertThat(outcome.lines().stream().distinct()).hasSize(2);
    }

    @Test
    void a_job_that_is_started_again_begins_with_nothing_of_its_first_start() throws IOException {
        Files.writeString(
                cluster.home().resolve("again.sh"),
                "#!/bin/sh\n#SBATCH --requeue --open-mode=append --nodelist=n1\nsrun --quiet " + IMAGE
                        + " --container-name=t:create sh -c 'echo start ${SLURM_RESTART_COUNT:-0}'\n"
                        + "[ -n \"$SLURM_RESTART_COUNT\" ] || { scontrol requeue $SLURM_JOB_ID; sleep 60; }\n");

        String id = cluster.sbatch("again.sh");
        Ended ended = cluster.await(id);

        assertThat(ended.state()).as(ended.output()).isEqualTo("COMPLETED");
        assertThat(ended.lines()).filteredOn(line -> line.startsWith("start")).containsExactly("start 0", "start 1");
        Cluster.until(
                SOON,
                "both starts are forgotten",
                () -> cluster.stagedNames("n1").stream().noneMatch(name -> name.startsWith("jobs/")));
    }

    @Test
    void a_wrong_value_an_image_that_is_not_there_and_many_programs_are_refused_by_srun() throws IOException {
        Files.writeString(cluster.home().resolve("multi"), "0 hostname\n1 date\n");

        Outcome value = step("--ntasks=1", "--container-mounts=/a:/b,", "true");
        Outcome image = cluster.srun("--container-image=" + BUSYBOX + ":nosuch", "true");
        Outcome many = step("--ntasks=2", "--multi-prog", "multi");
        Outcome parts = step("--ntasks=1", "hostname", ":", "--ntasks=1", "date");

        assertThat(value.status()).isEqualTo(1);
        assertThat(value.output()).contains("berth: --container-mounts: '/a:/b,' has a comma too many");
        assertThat(image.status()).isEqualTo(1);
        assertThat(image.output()).contains("busybox:nosuch").contains("not found (404)");
        assertThat(many.status()).isEqualTo(1);
        assertThat(many.output()).contains("--multi-prog cannot be used with a container");
        assertThat(parts.status()).isEqualTo(1);
        assertThat(parts.output()).contains("a step over several components cannot be used with a container");
    }

    @Test
    void a_node_that_cannot_be_prepared_says_so_once_and_stays_in_service() {
        Outcome outcome = step("--nodes=1", "--ntasks=8", "--container-mounts=/nosuch:/x", "echo", "ran");

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.lines())
                .filteredOn(line -> line.contains("mounting /nosuch"))
                .hasSize(1);
        assertThat(outcome.output()).doesNotContain("ran\n");
        cluster.idle();
        assertThat(cluster.on("head", "sinfo", "-h", "-o", "%T").output()).doesNotContain("drain");
    }

    @Test
    void one_message_names_all_nodes_where_nothing_ran() {
        Outcome outcome = step("--nodes=3", "--ntasks=9", "--container-mounts=/nosuch:/x", "echo", "ran");

        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.lines())
                .filteredOn(line -> line.contains("mounting /nosuch"))
                .hasSize(1);
        assertThat(outcome.lines())
                .filteredOn(line -> line.startsWith("berth: nothing ran on 3 nodes: ")
                        && Stream.of(NODES).allMatch(line::contains))
                .hasSize(1);
    }

    /// Slurm only warns when a node lacks the plugin.
    @Test
    void a_node_without_the_plugin_runs_nothing() throws IOException {
        Files.writeString(
                cluster.home().resolve("bare.sh"),
                "#!/bin/bash -e\n#SBATCH --nodelist=n3 " + IMAGE + "\necho script\nsrun echo ran on $(hostname)\n");
        assertThat(cluster.asRoot("n3", "mount", "--bind", "/dev/null", "/etc/slurm/plugstack.conf")
                        .status())
                .isZero();
        try {
            Outcome outcome =
                    step("--nodes=3", "--ntasks=6", "--ntasks-per-node=2", "sh", "-c", "echo ran on $(hostname)");
            String steps = sbatch("bare.sh");
            String script = sbatch("--container-batch", "bare.sh");

            assertThat(outcome.status()).isEqualTo(125);
            assertThat(outcome.output()).contains("ran on n1").doesNotContain("ran on n3");
            assertThat(outcome.lines())
                    .filteredOn(line -> line.startsWith("berth: starting the step on n3: it has no launch plan"))
                    .hasSize(1);
            assertThat(cluster.await(steps).lines())
                    .containsExactly(
                            "script",
                            "srun: error: invalid --profile=(this node is without berth's SPANK plugin: see plugstack.conf) option");
            Ended ended = cluster.await(script);
            assertThat(ended.exitCode()).isEqualTo(125);
            assertThat(ended.lines()).first(STRING).startsWith("berth: starting the step on n3: it has no launch plan");
        } finally {
            cluster.asRoot("n3", "umount", "/etc/slurm/plugstack.conf");
        }
    }

    private String sbatch(String... words) {
        Outcome outcome = cluster.on(
                "head",
                Stream.concat(Stream.of("sbatch", "--parsable", "--output=job-%j.out"), Arrays.stream(words))
                        .toArray(String[]::new));
        assertThat(outcome.status()).as(outcome.output()).isZero();
        return outcome.output().strip();
    }

    @Test
    void a_batch_script_stays_on_the_host_and_its_steps_do_not() throws IOException {
        Files.writeString(
                cluster.home().resolve("batch.sh"),
                "#!/bin/sh\n#SBATCH --nodelist=n1,n2 --nodes=2 --ntasks=2 " + IMAGE + "\n"
                        + "sed -n 's/^ID=/script /p' /etc/os-release\nsrun sh -c '" + WHERE + "'\nsrun sh -c '" + WHERE
                        + "'\n"
                        + "find /tmp/berth-" + Cluster.UID
                        + "/jobs/$SLURM_JOB_ID.0 -maxdepth 1 -name 'srun-*' | sed 's/.*srun-.*/place/'\n");
        cluster.clearLog();

        String id = cluster.sbatch("batch.sh");
        Ended ended = cluster.await(id);

        assertThat(ended.state()).as(ended.output()).isEqualTo("COMPLETED");
        assertThat(ended.lines().stream().sorted())
                .containsExactly(
                        "n1 0 berth-test",
                        "n1 0 berth-test",
                        "n2 1 berth-test",
                        "n2 1 berth-test",
                        "place",
                        "script debian");
        // asked when the job was submitted, not for each of its steps
        assertThat(cluster.requests())
                .filteredOn(request -> request.path().contains("/manifests/latest"))
                .hasSize(1);
        Cluster.until(
                SOON,
                "the job's place is gone",
                () -> cluster.staged("n1").stream().noneMatch(line -> line.startsWith("jobs/")));
    }

    @Test
    void members_of_an_array_and_parts_of_an_allocation_do_the_same() {
        Outcome array = cluster.on(
                "head",
                "sh",
                "-c",
                "sbatch --quiet --wait --array=1-3 --output=array-%a.out " + IMAGE
                        + " --wrap 'srun --quiet sh -c \"echo \\$SLURM_ARRAY_TASK_ID; sed -n s/^ID=//p /etc/os-release\"';"
                        + " cat array-1.out array-2.out array-3.out");
        Outcome allocation = cluster.on(
                "head",
                "salloc",
                "--quiet",
                "-w",
                "n1,n2",
                "-n2",
                "sh",
                "-c",
                "srun --quiet " + IMAGE + " sh -c '" + WHERE
                        + "'; srun --quiet -N1 -n1 sed -n s/^ID=//p /etc/os-release");

        assertThat(array.lines()).containsExactly("1", "berth-test", "2", "berth-test", "3", "berth-test");
        assertThat(allocation.lines()).containsExactlyInAnyOrder("n1 0 berth-test", "n2 1 berth-test", "debian");
    }

    @Test
    void each_component_of_a_heterogeneous_job_has_its_own_steps() {
        String steps = "for group in 0 1; do srun --quiet --het-group=$group " + IMAGE + " sh -c '" + WHERE + "'; done";

        Outcome outcome =
                cluster.on("head", "salloc", "--quiet", "-w", "n1", "-n2", ":", "-w", "n2", "-n1", "sh", "-c", steps);

        assertThat(outcome.lines()).containsExactlyInAnyOrder("n1 0 berth-test", "n1 1 berth-test", "n2 0 berth-test");
    }

    @Test
    void a_step_cancelled_while_it_stages_leaves_nothing_and_the_next_works() {
        cluster.forget(NODES);

        Outcome cancelled = cluster.on(
                "head",
                "sh",
                "-c",
                "srun -w n1 -n4 " + IMAGE + " echo ran & "
                        + "until squeue -h -t R -o %A | grep -q .; do sleep 0.05; done; sleep 0.3;"
                        + "scancel $(squeue -h -o %A); wait $!; echo status $?");
        cluster.idle();

        assertThat(cancelled.output()).doesNotContain("ran\n").doesNotContain("status 0");
        Cluster.until(
                SOON,
                "no stager is left",
                () -> cluster.asRoot("n1", "pgrep", "-f", "node prepare ").status() == 1);
        assertThat(cluster.stagedNames("n1")).noneMatch(name -> name.contains("draft"));
        assertThat(step("--nodelist=n1", "--ntasks=4", "echo", "ran").lines())
                .hasSize(4)
                .containsOnly("ran");
    }

    @Test
    void nothing_of_a_container_outlives_its_killed_ranks() {
        Outcome killed = step(
                "--nodelist=n1",
                "--ntasks=4",
                "sh",
                "-c",
                "until [ $(ls up-* | wc -l) = 4 ]; do" + " : > up-$SLURM_PROCID; sleep 0.05; done; kill -KILL $$");

        assertThat(killed.status()).isEqualTo(137);
        Cluster.until(
                SOON,
                "no process of the user is left",
                () -> cluster.asRoot("n1", "pgrep", "-u", Integer.toString(Cluster.UID))
                                .status()
                        == 1);
    }

    /// A namespace lives as long as its ranks, so each waits for the others.
    @Test
    void ranks_of_one_node_share_one_user_namespace() {
        Outcome outcome = step(
                "--nodes=2",
                "--ntasks=8",
                "--ntasks-per-node=4",
                "--container-mode=R1",
                "sh",
                "-c",
                "echo \"$(hostname) $(readlink /proc/self/ns/user)\"; : > spank-$SLURM_PROCID;"
                        + "while [ $(ls spank-* | wc -l) -lt 8 ]; do sleep 0.1; done");

        assertThat(outcome.lines()).hasSize(8);
        assertThat(outcome.lines().stream().distinct()).hasSize(2);
    }

    @Test
    void open_mpi_through_pmix_sees_all_its_ranks() {
        Outcome outcome = cluster.srun(
                "--quiet",
                "--mpi=pmix",
                "--nodelist=n1,n2",
                "--nodes=2",
                "--ntasks=8",
                "--ntasks-per-node=4",
                "--container-image=" + OPENMPI,
                "mpi_hello");

        assertThat(outcome.lines().stream().sorted())
                .containsExactlyElementsOf(IntStream.range(0, 8)
                        .mapToObj(rank -> "rank " + rank + " of 8 on n" + (rank / 4 + 1) + " sum 36")
                        .toList());
    }

    @Test
    void the_shared_store_of_pmix_can_be_shown() {
        String look = "mpi_hello & rank=$!; while kill -0 $rank 2>/dev/null; do"
                + " if grep -q pmix_dstor_ds21 /proc/$rank/maps; then echo mapped; break; fi; done 2>/dev/null; wait $rank";

        Outcome outcome = cluster.on(
                "head",
                "env",
                "PMIX_MCA_gds=ds21,hash",
                "srun",
                "--quiet",
                "--mpi=pmix",
                "--nodelist=n1,n2",
                "--ntasks-per-node=2",
                "--container-image=" + OPENMPI,
                "--container-mounts=/var/spool/slurmd",
                "sh",
                "-c",
                look);

        assertThat(outcome.lines()).filteredOn(line -> line.endsWith(" sum 10")).hasSize(4);
        assertThat(outcome.lines()).contains("mapped").allMatch(line -> line.matches("mapped|rank .*"));
    }

    @ParameterizedTest
    @CsvSource({"R1", "P2"})
    void pmi_2_passes_its_socket_to_each_rank(String mode) {
        Outcome outcome = step(
                "--mpi=pmi2",
                "--nodes=2",
                "--ntasks=4",
                "--container-mode=" + mode,
                "sh",
                "-c",
                "echo $PMI_RANK/$PMI_SIZE $(readlink /proc/self/fd/$PMI_FD)");

        assertThat(outcome.lines()).hasSize(4).doesNotHaveDuplicates().allMatch(line -> line.contains("/4 socket:["));
    }
}
