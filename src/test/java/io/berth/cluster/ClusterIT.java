package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static io.berth.cluster.Cluster.OPENMPI;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import io.berth.cluster.Cluster.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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
import org.junit.jupiter.params.provider.ValueSource;

/// What jobs do on a cluster that works: nodes n1 to n3 allow user namespaces, n4 does not.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(240)
class ClusterIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] NODES = {"n1", "n2", "n3", "n4"};
    /// Ranks wait for the file that is their first word.
    private static final String WAIT_FOR = "while [ ! -e \"$1\" ]; do sleep 0.1; done";

    private Cluster cluster;

    @BeforeAll
    void start() {
        cluster = Cluster.up(4, Map.of("CLUSTER_NOUSERNS", "n4"), "busybox", "openmpi");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void twelve_ranks_on_three_nodes_run_in_the_image_that_was_sent_once_and_a_second_job_stages_nothing() {
        cluster.forget(NODES);
        List<String> blobs = cluster.blobsOf(BUSYBOX);
        cluster.clearLog();
        String[] job = {
            "--nodes=3",
            "--tasks=12",
            "--tasks-per-node=4",
            "--nodelist=n1,n2,n3",
            BUSYBOX,
            "--",
            "sh",
            "-c",
            "echo \"$(hostname) $SLURM_PROCID $(sed -n s/^ID=//p /etc/os-release)\""
        };

        Ended first = cluster.job(job);

        assertThat(first.output().lines().sorted().toList()).isEqualTo(everyRank());
        assertThat(first.state()).isEqualTo("COMPLETED");
        assertThat(blobs).hasSize(2);
        assertThat(cluster.blobsSent()).isEqualTo(blobs);
        List<List<String>> trees = treesOnThreeNodes();
        assertThat(trees).allSatisfy(tree -> assertThat(tree).hasSize(1));

        cluster.clearLog();
        Ended second = cluster.job(job);

        assertThat(second.output().lines().sorted().toList()).isEqualTo(everyRank());
        assertThat(cluster.blobsSent()).isEmpty();
        assertThat(cluster.requests()).extracting(Request::from).containsOnly("127.0.0.1");
        assertThat(treesOnThreeNodes()).isEqualTo(trees);
    }

    @Test
    void no_virtual_machine_stands_beside_the_ranks() {
        String id = cluster.submit(
                "--nodes=3",
                "--tasks=12",
                "--tasks-per-node=4",
                "--nodelist=n1,n2,n3",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "echo started; " + WAIT_FOR,
                "sh",
                "go-quiet");
        Cluster.until(
                SOON,
                "12 ranks run",
                () -> outputOf(id).lines().filter("started"::equals).count() == 12);

        List<String> virtualMachines = Stream.of("n1", "n2", "n3")
                .flatMap(
                        node -> cluster
                                .asRoot(node, "sh", "-c", "grep -l libjvm.so /proc/[0-9]*/maps; pgrep -a java; true")
                                .lines()
                                .stream()
                                .filter(line -> !line.contains("No such")))
                .toList();
        List<Integer> ranks = Stream.of("n1", "n2", "n3")
                .map(node -> cluster.asRoot(node, "pgrep", "-u", "hpcuser", "-f", "^sh -c echo started")
                        .lines()
                        .size())
                .toList();
        cluster.touch("go-quiet");
        Ended ended = cluster.await(id);

        assertThat(virtualMachines).isEmpty();
        // a rank that is about to start a program counts twice
        assertThat(ranks).allMatch(count -> count >= 4);
        assertThat(ended.state()).isEqualTo("COMPLETED");
    }

    @ParameterizedTest
    @ValueSource(strings = {"R1", "P1"})
    void open_mpi_makes_one_world_of_eight_through_pmix(String mode) {
        Ended job = cluster.job(
                "--nodes=2",
                "--tasks=8",
                "--tasks-per-node=4",
                "--nodelist=n1,n2",
                "--mode=" + mode,
                "--mpi=pmix",
                OPENMPI,
                "--",
                "mpi_hello");

        assertThat(job.output().lines().sorted().toList())
                .isEqualTo(IntStream.range(0, 8)
                        .mapToObj(rank -> "rank " + rank + " of 8 on n" + (rank / 4 + 1) + " sum 36")
                        .toList());
        assertThat(job.state()).isEqualTo("COMPLETED");
    }

    /// A namespace lives as long as its ranks, so each waits for the others.
    @Test
    void ranks_of_one_node_share_one_user_namespace() {
        Ended job = cluster.job(
                "--nodes=2",
                "--tasks=8",
                "--tasks-per-node=4",
                "--nodelist=n1,n2",
                "--mode=R1",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "echo \"$(hostname) $(readlink /proc/self/ns/user)\"; : > here-$SLURM_PROCID;"
                        + "while [ $(ls here-* | wc -l) -lt 8 ]; do sleep 0.1; done");

        Map<String, List<String>> namespaces = job.lines().stream()
                .collect(Collectors.groupingBy(line -> line.split(" ")[0], TreeMap::new, Collectors.toList()));
        assertThat(namespaces).containsOnlyKeys("n1", "n2");
        assertThat(namespaces.values()).allSatisfy(node -> assertThat(node).hasSize(4));
        assertThat(job.lines().stream().distinct()).hasSize(2);
        assertThat(job.output())
                .doesNotContain(cluster.on("n1", "readlink", "/proc/self/ns/user")
                        .output()
                        .strip());
    }

    /// The bare ranks and those of the plan are steps of one job, of one shape.
    @ParameterizedTest
    @ValueSource(strings = {"R1", "P1"})
    void what_slurm_and_pmi_2_hand_to_a_rank_arrives_as_it_is(String mode) throws IOException {
        Outcome script = cluster.berth(
                "job",
                "script",
                "--nodes=2",
                "--tasks=4",
                "--tasks-per-node=2",
                "--nodelist=n1,n2",
                "--mode=" + mode,
                "--mpi=pmi2",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "env > plan-" + mode + ".$SLURM_PROCID; readlink /proc/self/fd/$PMI_FD");
        assertThat(script.status()).as(script.output()).isZero();
        String bare = "srun --mpi=pmi2 sh -c 'env > bare-" + mode + ".$SLURM_PROCID'\n# run: each rank";
        String both = script.output().replace("# run: each rank", bare);
        assertThat(both).contains(bare);
        Files.writeString(cluster.home().resolve("both-" + mode + ".sh"), both);

        Ended job = cluster.await(cluster.sbatch("both-" + mode + ".sh"));

        assertThat(job.state()).as(job.output()).isEqualTo("COMPLETED");
        assertThat(job.lines()).hasSize(4).doesNotHaveDuplicates().allMatch(line -> line.startsWith("socket:["));
        for (int rank = 0; rank < 4; rank++) {
            Map<String, String> inside = handedOn(cluster.home("plan-" + mode + "." + rank));
            assertThat(inside).isEqualTo(handedOn(cluster.home("bare-" + mode + "." + rank)));
            assertThat(inside)
                    .containsEntry("PMI_RANK", Integer.toString(rank))
                    .containsEntry("PMI_SIZE", "4")
                    .containsEntry("SLURM_PROCID", Integer.toString(rank))
                    .containsKey("PMI_FD");
        }
    }

    @Test
    void two_jobs_at_once_have_the_blobs_sent_once() {
        cluster.forget(NODES);
        List<String> blobs = cluster.blobsOf(BUSYBOX);
        cluster.clearLog();
        String[] job = {
            "--hold", "--nodes=2", "--tasks=4", "--tasks-per-node=2", "--nodelist=n1,n2", BUSYBOX, "--", "echo", "ran"
        };
        String one = cluster.submit(job);
        String other = cluster.submit(job);

        assertThat(cluster.on("head", "scontrol", "release", one, other).status())
                .isZero();

        for (String id : List.of(one, other)) {
            Ended ended = cluster.await(id);
            assertThat(ended.state()).as(ended.output()).isEqualTo("COMPLETED");
            assertThat(ended.lines()).hasSize(4).containsOnly("ran");
        }
        assertThat(cluster.blobsSent()).isEqualTo(blobs);
        assertThat(List.of(cluster.stagedNames("n1"), cluster.stagedNames("n2")))
                .allSatisfy(names -> assertThat(names).hasSize(1).allMatch(ClusterIT::isTree));
    }

    @Test
    void a_job_cancelled_while_it_stages_leaves_nothing_and_the_next_works() {
        cluster.forget("n3");
        String id = submitUntilItUnpacks();

        cluster.on("head", "scancel", id);
        Ended ended = cluster.await(id);

        assertThat(ended.state()).isEqualTo("CANCELLED");
        assertThat(ended.output()).doesNotContain("ran");
        Cluster.until(
                SOON,
                "the stager has tidied up",
                () -> cluster.stagedNames("n3").isEmpty());
        theNextJobWorksAndLeavesOneTree();
    }

    @Test
    void a_stager_that_was_killed_leaves_nothing_that_the_next_job_does_not_mend() {
        cluster.forget("n3");
        String id = submitUntilItUnpacks();

        Outcome kill = cluster.asRoot(
                "n3",
                "sh",
                "-c",
                "for pid in $(scontrol listpids \"$0\" | awk 'NR > 1 { print $1 }'); do"
                        + " case $(readlink /proc/$pid/exe) in */runtime/bin/java) kill -KILL $pid ;; esac; done",
                id);
        Ended ended = cluster.await(id);

        assertThat(kill.status()).isZero();
        assertThat(ended.state()).isEqualTo("FAILED");
        assertThat(ended.exitCode()).isNotZero();
        assertThat(ended.lines()).doesNotContain("ran");
        theNextJobWorksAndLeavesOneTree();
    }

    @Test
    void sixty_four_at_once_do_the_work_once_and_a_node_can_be_released_twice() throws Exception {
        cluster.forget("n3");
        String pinned = pinned(BUSYBOX);
        Path base = cluster.nodeFolder("n3");
        String job = "/tmp/berth-" + Cluster.UID + "/jobs/999.0";
        assertThat(cluster.on("n3", "sh", "-c", "umask 077; mkdir -p " + job + " /tmp/berth-" + Cluster.UID + "/images")
                        .status())
                .isZero();

        try (WatchService watch = base.getFileSystem().newWatchService()) {
            WatchKey place = watch(watch, base);
            WatchKey images = watch(watch, base.resolve("images"));
            WatchKey steps = watch(watch, base.resolve("jobs/999.0"));
            Outcome all = cluster.on(
                    "n3",
                    "env",
                    "SLURM_JOB_ID=999",
                    "SLURMD_NODENAME=n3",
                    "bash",
                    "-c",
                    "for i in {1..64}; do \"$@\" & pids+=\" $!\"; done; for i in $pids; do wait $i; echo \"status $?\"; done",
                    "bash",
                    cluster.berthProgram(),
                    "--quiet",
                    "node",
                    "prepare",
                    pinned);

            assertThat(all.lines()).hasSize(64).containsOnly("status 0");
            List<WatchEvent<?>> trees = events(images);
            assertThat(made(trees, name -> name.startsWith(".draft-"))).isEqualTo(1);
            assertThat(made(trees, name -> name.matches("[0-9a-f]{64}"))).isEqualTo(1);
            assertThat(made(events(place), name -> name.startsWith(".trial-"))).isEqualTo(1);
            assertThat(made(events(steps), "run"::equals)).isEqualTo(1);
            assertThat(base.resolve("jobs/999.0/run/ready")).exists();
        }

        assertThat(release("999")).isEqualTo(new Outcome(0, ""));
        assertThat(release("999")).isEqualTo(new Outcome(0, ""));
        assertThat(cluster.stagedNames("n3")).hasSize(1).allMatch(ClusterIT::isTree);
    }

    @Test
    void a_requeued_job_is_made_ready_anew() {
        String id = cluster.submit(
                "--nodes=1",
                "--nodelist=n1",
                "--requeue",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "echo \"start ${SLURM_RESTART_COUNT:-0}\" >> requeued; ls -d /tmp/berth-*/jobs/$SLURM_JOB_ID.*/run/plan;"
                        + WAIT_FOR,
                "sh",
                "go-requeued");
        Cluster.until(SOON, "it runs", () -> cluster.hasHome("requeued"));

        assertThat(cluster.on("head", "scontrol", "requeue", id).status()).isZero();
        cluster.touch("go-requeued");
        Cluster.until(SOON, "it runs again", () -> cluster.home("requeued").contains("start 1"));
        Ended ended = cluster.await(id);

        assertThat(ended.state()).isEqualTo("COMPLETED");
        assertThat(ended.output()).contains("/jobs/" + id + ".1/run/plan");
        Cluster.until(
                SOON,
                "both starts are released",
                () -> cluster.stagedNames("n1").stream().allMatch(ClusterIT::isTree));
    }

    @Test
    void an_array_runs_each_of_its_jobs() {
        cluster.submit(
                "--array=0-2",
                "--nodes=1",
                "--nodelist=n1",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "echo $SLURM_ARRAY_TASK_ID > array-$SLURM_ARRAY_TASK_ID");
        cluster.idle();

        for (String index : List.of("0", "1", "2")) {
            assertThat(cluster.home("array-" + index)).isEqualTo(index + "\n");
        }
        assertThat(cluster.stagedNames("n1")).allMatch(ClusterIT::isTree);
    }

    @Test
    void each_node_has_the_mode_that_works_there() {
        String id = cluster.submit(
                "--nodes=2",
                "--tasks=2",
                "--tasks-per-node=1",
                "--nodelist=n3,n4",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "sed -n s/^ID=//p /etc/os-release; " + WAIT_FOR,
                "sh",
                "go-mixed");
        Cluster.until(SOON, "both ranks run", () -> outputOf(id).lines().count() == 2);

        String step = "jobs/" + id + ".0/run/";
        List<String> explained = Stream.of("n3", "n4")
                .map(node -> Cluster.read(cluster.nodeFolder(node).resolve(step + "plan.json")))
                .toList();
        List<String> plans = Stream.of("n3", "n4")
                .map(node -> Cluster.read(cluster.nodeFolder(node).resolve(step + "plan")))
                .toList();
        cluster.touch("go-mixed");
        Ended ended = cluster.await(id);

        assertThat(ended.state()).isEqualTo("COMPLETED");
        assertThat(ended.lines()).containsExactly("berth-test", "berth-test");
        assertThat(explained.get(0)).contains("\"mode\" : \"R1\"", "first in the order of jobs that can; works");
        assertThat(explained.get(1)).contains("\"mode\" : \"P1\"", "\"R1\" : \"making a user", "not permitted");
        assertThat(plans.get(0)).contains("\nnamespace ");
        assertThat(plans.get(1)).contains("\nengine ");
    }

    @Test
    void ranks_run_on_this_machine_without_a_batch_system() {
        Outcome good = cluster.berth(
                "job",
                "run",
                "--local",
                "--tasks=4",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "echo \"rank $SLURM_PROCID of $SLURM_NTASKS\"");
        Outcome bad = cluster.berth(
                "job", "run", "--local", "--tasks=4", BUSYBOX, "--", "sh", "-c", "[ $SLURM_PROCID != 2 ] || exit 7");

        assertThat(good.lines().stream().sorted())
                .containsExactly("rank 0 of 4", "rank 1 of 4", "rank 2 of 4", "rank 3 of 4");
        assertThat(good.status()).isZero();
        assertThat(bad).isEqualTo(new Outcome(7, ""));
        assertThat(cluster.stagedNames("head")).allMatch(ClusterIT::isTree);
    }

    @Test
    void words_of_the_command_arrive_exactly() {
        String[] words = {
            "a  b",
            "'",
            "\"",
            "it's \"so\"",
            "new\nline",
            "",
            "*",
            "?",
            "$HOME",
            "`id`",
            "\\",
            "\\n",
            "{x}",
            "{#for}",
            "--",
            "-n",
            "#!",
            "##",
            "\n## x\n",
            " ",
            "\t",
            "ü",
            "%",
            ";",
            "&",
            "!!",
            "~"
        };
        List<String> job = new ArrayList<>(List.of(
                "--nodes=1",
                "--tasks=2",
                "--nodelist=n1",
                BUSYBOX,
                "--",
                "sh",
                "-c",
                "for word; do printf '%s\\0' \"$word\"; done > words.$SLURM_PROCID",
                "sh"));
        job.addAll(List.of(words));

        Ended ended = cluster.job(job.toArray(String[]::new));

        assertThat(ended.state()).as(ended.output()).isEqualTo("COMPLETED");
        for (String rank : List.of("0", "1")) {
            assertThat(cluster.home("words." + rank).split("\0", -1)).containsExactly(withEnd(words));
        }
    }

    @Test
    void an_option_that_sbatch_refuses_is_told_in_one_line() {
        Outcome outcome = cluster.berth("job", "submit", "--no-such-option=1", BUSYBOX, "--", "true");

        assertThat(outcome.status()).isNotZero();
        assertThat(outcome.lines()).hasSize(2);
        assertThat(outcome.lines().get(0))
                .startsWith("berth: submitting the job: ")
                .contains("no-such-option");
        assertThat(outcome.lines().get(1)).startsWith("hint: ");
        assertThat(outcome.output()).doesNotContain("Exception");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--comment=a\nb", "--job-name=a\n#SBATCH --nodes=3", "--output=a\nb"})
    void an_option_with_a_line_break_is_refused(String option) {
        Outcome outcome = cluster.berth("job", "submit", option, BUSYBOX, "--", "true");

        assertThat(outcome.status()).as(outcome.output()).isEqualTo(2);
        assertThat(outcome.lines().stream().filter(line -> line.startsWith("berth: ")))
                .hasSize(1);
        assertThat(outcome.lines().stream().filter(line -> line.startsWith("hint: ")))
                .hasSize(1);
    }

    // --- what several tests need

    private static List<String> everyRank() {
        return IntStream.range(0, 12)
                .mapToObj(rank -> "n" + (rank / 4 + 1) + " " + rank + " berth-test")
                .sorted()
                .toList();
    }

    private List<List<String>> treesOnThreeNodes() {
        return Stream.of("n1", "n2", "n3").map(cluster::staged).toList();
    }

    private static boolean isTree(String name) {
        return name.matches("images/[0-9a-f]{64}");
    }

    private String outputOf(String id) {
        String file = "job-" + id + ".out";
        return cluster.hasHome(file) ? cluster.home(file) : "";
    }

    /// @return the job, which is now unpacking the larger image on n3
    private String submitUntilItUnpacks() {
        String id = cluster.submit("--nodes=1", "--nodelist=n3", OPENMPI, "--", "echo", "ran");
        Path images = cluster.nodeFolder("n3").resolve("images");
        Cluster.until(
                SOON,
                "the image is being unpacked",
                () -> Cluster.names(images).stream()
                        .filter(name -> name.startsWith(".draft-"))
                        .anyMatch(draft -> !Cluster.names(images.resolve(draft + "/rootfs"))
                                .isEmpty()));
        return id;
    }

    private void theNextJobWorksAndLeavesOneTree() {
        Ended next = cluster.job("--nodes=1", "--nodelist=n3", OPENMPI, "--", "echo", "ran");
        assertThat(next.state()).as(next.output()).isEqualTo("COMPLETED");
        assertThat(next.lines()).containsExactly("ran");
        assertThat(cluster.stagedNames("n3")).hasSize(1).allMatch(ClusterIT::isTree);
    }

    private String pinned(String image) {
        Outcome script = cluster.berth("job", "script", image, "--", "true");
        return script.lines().stream()
                .filter(line -> line.startsWith("image="))
                .map(line -> line.substring("image=".length()))
                .findFirst()
                .orElseThrow();
    }

    private Outcome release(String job) {
        return cluster.on(
                "n3", "env", "SLURM_JOB_ID=" + job, "SLURMD_NODENAME=n3", cluster.berthProgram(), "node", "release");
    }

    /// Variables of the batch system but those that are the step's own.
    private static Map<String, String> handedOn(String env) {
        Map<String, String> variables = new TreeMap<>();
        env.lines()
                .filter(line -> line.matches("(SLURM|SLURMD|PMI)_[A-Za-z0-9_]*=.*"))
                .forEach(line ->
                        variables.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        for (String own : List.of(
                "SLURM_STEP_ID",
                "SLURM_STEPID",
                "SLURM_TASK_PID",
                "SLURM_STEP_LAUNCHER_PORT",
                "SLURM_SRUN_COMM_PORT",
                "PMI_JOBID")) {
            variables.computeIfPresent(own, (name, value) -> "of the step");
        }
        return variables;
    }

    private static WatchKey watch(WatchService watch, Path folder) throws IOException {
        return folder.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
    }

    /// All that came before now: a last file of our own is waited for.
    private static List<WatchEvent<?>> events(WatchKey key) throws IOException {
        Path last = Files.createFile(((Path) key.watchable()).resolve("last"));
        List<WatchEvent<?>> events = new ArrayList<>();
        Cluster.until(SOON, "the last event is there", () -> {
            events.addAll(key.pollEvents());
            return made(events, "last"::equals) == 1;
        });
        Files.delete(last);
        return events;
    }

    private static int made(List<WatchEvent<?>> events, Predicate<String> name) {
        return events.stream()
                .filter(event -> name.test(String.valueOf(event.context())))
                .mapToInt(WatchEvent::count)
                .sum();
    }

    private static String[] withEnd(String[] words) {
        return Stream.concat(Stream.of(words), Stream.of("")).toArray(String[]::new);
    }
}
