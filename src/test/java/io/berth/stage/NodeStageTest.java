package io.berth.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.SecondJvm;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NodeStageTest {
    private static final JobKey JOB = new JobKey("17", 0);
    private static final Digest IMAGE = Digest.sha256Of(new byte[] {1});

    @TempDir
    Path node;

    private StageLayout layout;
    private NodeStage stage;

    @BeforeEach
    void open() {
        layout = StageLayout.of(node, UnixStat.of(node).uid());
        stage = open(layout, Duration.ofSeconds(60));
    }

    private static NodeStage open(StageLayout layout, Duration patience) {
        return NodeStage.open(layout, uid(), "this boot", patience);
    }

    private static long uid() {
        return UnixStat.of(Path.of("/proc/self")).uid();
    }

    /// What another process does: enters the step; as its owner it works for a moment, or for ever (`die`).
    static final class Other {
        private Other() {}

        public static void main(String[] args) throws Exception {
            StageLayout layout = new StageLayout(Path.of(args[0]));
            NodeStage stage = open(layout, Duration.ofSeconds(60));
            switch (stage.enter(JOB, "run")) {
                case StageTicket.Ready(StepFolder step) -> System.out.println("ready " + AtomicFile.read(step.plan()));
                case StageTicket.Owner owner -> {
                    Files.writeString(owner.step().folder().resolve("leftover"), "half");
                    System.out.println("owner");
                    Thread.sleep(args.length > 1 ? 300_000 : 300);
                    stage.claim(owner, IMAGE);
                    stage.publish(owner, "made", "{}", "");
                    owner.close();
                }
            }
        }
    }

    private StageTicket.Owner own(String step) {
        return (StageTicket.Owner) stage.enter(JOB, step);
    }

    @Test
    void of_many_processes_one_makes_the_step_and_the_others_find_it_complete() throws Exception {
        List<SecondJvm> others = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            others.add(SecondJvm.start(Other.class, layout.base().toString()));
        }
        List<String> lines = new ArrayList<>();
        for (SecondJvm other : others) {
            try (other) {
                lines.add(other.line());
                assertThat(other.status()).isZero();
            }
        }

        assertThat(lines).containsOnlyOnce("owner").allMatch(line -> line.equals("owner") || line.equals("ready made"));
    }

    @Test
    void of_many_threads_one_makes_the_step() throws InterruptedException {
        AtomicInteger owners = new AtomicInteger();
        AtomicInteger ready = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                switch (stage.enter(JOB, "run")) {
                    case StageTicket.Ready(StepFolder step) -> {
                        assertThat(AtomicFile.read(step.plan())).isEqualTo("plan");
                        ready.incrementAndGet();
                    }
                    case StageTicket.Owner owner -> {
                        owners.incrementAndGet();
                        stage.claim(owner, IMAGE);
                        stage.publish(owner, "plan", "{}", "");
                        owner.close();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(owners).hasValue(1);
        assertThat(ready).hasValue(7);
    }

    @Test
    void what_a_killed_owner_left_is_gone_for_the_next_one() throws Exception {
        try (SecondJvm other = SecondJvm.start(Other.class, layout.base().toString(), "die")) {
            assertThat(other.line()).isEqualTo("owner");
            NodeStage impatient = open(layout, Duration.ofMillis(50));
            assertThat(Faults.expect(Fault.BUSY, () -> impatient.enter(JOB, "run")))
                    .hasMessageContaining("step run of job 17.0");
            other.kill();
        }

        try (StageTicket.Owner owner = own("run")) {
            assertThat(owner.step().folder().resolve("leftover")).doesNotExist();
            assertThat(owner.step().meeting()).isDirectory();
        }
    }

    @Test
    void a_published_step_is_whole_and_private() throws IOException {
        StageTicket.Owner owner = own("run");
        stage.claim(owner, IMAGE);
        stage.publish(owner, "the plan", "{\"mode\":1}", "");
        owner.close();

        StepFolder step = stage.enter(JOB, "run").step();
        assertThat(step.folder()).isEqualTo(layout.base().resolve("jobs/17.0/run"));
        assertThat(step.plan()).hasContent("the plan");
        assertThat(step.explanation()).hasContent("{\"mode\":1}");
        assertThat(step.image()).hasContent(IMAGE.hex() + "\n");
        assertThat(step.plan()).matches(file -> !UnixStat.of(file).isWritableByOthers());
        assertThat(Files.getPosixFilePermissions(layout.base())).hasSize(3);
    }

    @Test
    void steps_and_restarts_do_not_meet() {
        try (StageTicket.Owner one = own("one");
                StageTicket.Owner two = own("two");
                StageTicket.Owner again = (StageTicket.Owner) stage.enter(new JobKey("17", 1), "one")) {
            assertThat(List.of(one.step(), two.step(), again.step())).doesNotHaveDuplicates();
        }
    }

    @Test
    void an_abandoned_step_leaves_nothing_and_can_be_entered_again() {
        StageTicket.Owner owner = own("run");
        AtomicFile.write(owner.step().folder().resolve("half"), "x", "rw-------");

        stage.abandon(owner, JOB);
        owner.close();

        assertThat(Folders.list(layout.jobs())).isEmpty();
        own("run").close();
    }

    @Test
    void abandoning_one_step_keeps_the_others_of_the_job() {
        StageTicket.Owner good = own("good");
        stage.claim(good, IMAGE);
        stage.publish(good, "plan", "{}", "");
        good.close();
        StageTicket.Owner bad = own("bad");

        stage.abandon(bad, JOB);
        bad.close();

        assertThat(stage.enter(JOB, "good")).isInstanceOf(StageTicket.Ready.class);
    }

    /// As an epilog says it, which does not know how often the job started.
    @Test
    @Timeout(20)
    void a_job_is_forgotten_with_all_starts_that_are_here_at_no_more_cost_than_they_are() {
        own("run").close();
        ((StageTicket.Owner) stage.enter(new JobKey(JOB.job(), 3), "run-P1")).close();

        stage.release(new JobKey(JOB.job(), 999_999));

        assertThat(stage.jobs()).isEmpty();
        assertThat(Folders.list(layout.leases())).isEmpty();
    }

    @Test
    void a_released_job_is_forgotten_and_releasing_twice_is_fine() {
        own("run").close();
        StageTicket.Owner other = (StageTicket.Owner) stage.enter(new JobKey("170", 0), "run");
        stage.claim(other, IMAGE);
        stage.publish(other, "plan", "{}", "");
        other.close();

        stage.release(JOB);
        stage.release(JOB);

        assertThat(stage.jobs()).containsExactly(new JobKey("170", 0));
        assertThat(Folders.list(layout.leases())).containsExactly(layout.stepLease(new JobKey("170", 0), "run"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../17.1", "/tmp", "a/b", ".hidden", "-x"})
    void a_step_that_would_lead_elsewhere_is_refused(String step) {
        Faults.expect(Fault.BAD_INPUT, () -> stage.enter(JOB, step));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "1/2", "1.2", "a b"})
    void what_is_no_job_is_refused(String job) {
        Faults.expect(Fault.BAD_INPUT, () -> new JobKey(job, 0));
    }

    @Test
    void a_restart_counts_from_zero() {
        Faults.expect(Fault.BAD_INPUT, () -> new JobKey("1", -1));
        assertThat(new JobKey("1_2-a", 3)).hasToString("1_2-a.3");
    }

    @Test
    void an_image_is_unpacked_once_for_all_threads() throws InterruptedException {
        AtomicInteger unpacked = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform()
                    .start(() -> stage.image(IMAGE, root -> {
                        unpacked.incrementAndGet();
                        AtomicFile.write(root.resolve("file"), "x", "rw-------");
                        return "{\"os\":\"linux\"}";
                    })));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        StagedImage image = stage.image(IMAGE, NodeStageTest::never);

        assertThat(unpacked).hasValue(1);
        assertThat(image.configJson()).isEqualTo("{\"os\":\"linux\"}");
        assertThat(image.root().resolve("file")).hasContent("x");
        assertThat(Folders.list(layout.images())).containsExactly(layout.image(IMAGE));
    }

    @Test
    void a_tree_of_an_earlier_boot_is_made_anew_with_all_made_of_it() {
        StagedImage before = stage.image(IMAGE, root -> {
            AtomicFile.write(root.resolve("file"), "", "rw-------"); // as a power cut leaves it
            return "{}";
        });
        Path variant = stage.variant(before, "key", (_, _) -> {});
        NodeStage rebooted = NodeStage.open(layout, uid(), "next boot", Duration.ofSeconds(60));
        assertThat(stage.holds(IMAGE)).isTrue();
        assertThat(rebooted.holds(IMAGE)).isFalse();

        StagedImage after = rebooted.image(IMAGE, root -> {
            AtomicFile.write(root.resolve("file"), "whole", "rw-------");
            return "{}";
        });

        assertThat(after.root().resolve("file")).hasContent("whole");
        assertThat(variant).doesNotExist();
        assertThat(Folders.list(layout.images())).containsExactly(layout.image(IMAGE));
        assertThat(rebooted.image(IMAGE, NodeStageTest::never)).isEqualTo(after);
    }

    @Test
    void an_unpacking_that_failed_leaves_nothing_and_is_done_again() {
        Faults.expect(
                Fault.NO_SPACE,
                () -> stage.image(IMAGE, root -> {
                    AtomicFile.write(root.resolve("half"), "x", "rw-------");
                    throw FaultException.of(Fault.NO_SPACE, "unpacking: full", "free space");
                }));
        assertThat(Folders.list(layout.images())).isEmpty();

        assertThat(stage.image(IMAGE, _ -> "{}").root()).isEmptyDirectory();
    }

    @Test
    void what_a_killed_unpacking_left_is_removed_by_the_next() {
        Path left = Folders.make(layout.imageDraft(IMAGE, "dead").resolve("rootfs"));

        stage.image(IMAGE, _ -> "{}");

        assertThat(left).doesNotExist();
    }

    @Test
    void only_trees_that_no_job_uses_are_swept() {
        Digest used = Digest.sha256Of(new byte[] {2});
        Digest long512 = Digest.parse("sha512:" + "ab".repeat(64));
        List.of(IMAGE, used, long512).forEach(image -> stage.image(image, _ -> "{}"));
        Folders.make(layout.images().resolve("lost+found"));
        StageTicket.Owner owner = own("run");
        stage.claim(owner, used);
        stage.publish(owner, "plan", "{}", "");
        owner.close();

        assertThat(stage.sweepImages()).isEqualTo(2);

        assertThat(Folders.list(layout.images()))
                .containsExactlyInAnyOrder(layout.image(used), layout.images().resolve("lost+found"));
        stage.release(JOB);
        assertThat(stage.sweepImages()).isEqualTo(1);
    }

    private void lastAskedFor(Digest image, Instant when) throws IOException {
        Files.setLastModifiedTime(layout.image(image).resolve("boot"), FileTime.from(when));
    }

    @Test
    void of_trees_that_no_job_uses_those_that_one_has_asked_for_lately_stay() throws IOException {
        Instant since = Instant.now().minus(Duration.ofDays(7));
        Digest old = Digest.sha256Of(new byte[] {2});
        Digest oldAndUsed = Digest.sha256Of(new byte[] {3});
        for (Digest image : List.of(IMAGE, old, oldAndUsed)) {
            stage.image(image, _ -> "{}");
            lastAskedFor(image, since.minusSeconds(1));
        }
        stage.image(IMAGE, NodeStageTest::never);
        try (StageTicket.Owner owner = own("run")) {
            stage.claim(owner, oldAndUsed);

            assertThat(stage.sweepImages(since)).isEqualTo(1);

            assertThat(stage.holds(IMAGE)).isTrue();
            assertThat(stage.holds(oldAndUsed)).isTrue();
        }
    }

    @Test
    void trees_of_an_earlier_boot_and_what_killed_stagers_left_go_however_young_they_are() {
        stage.image(IMAGE, _ -> "{}");
        Folders.make(layout.imageDraft(Digest.sha256Of(new byte[] {2}), "dead").resolve("rootfs"));
        NodeStage rebooted = NodeStage.open(layout, uid(), "next boot", Duration.ofSeconds(60));

        assertThat(rebooted.sweepImages(Instant.EPOCH)).isEqualTo(2);

        assertThat(layout.images()).isEmptyDirectory();
    }

    @Test
    void a_tree_that_a_job_is_about_to_use_is_not_swept() {
        stage.image(IMAGE, _ -> "{}");
        try (StageTicket.Owner owner = own("run")) {
            stage.claim(owner, IMAGE);

            assertThat(stage.sweepImages()).isZero();
        }
    }

    /// Removing large trees takes long enough for a job to begin meanwhile.
    @Test
    @Timeout(60)
    void a_tree_that_is_claimed_while_others_are_swept_stays() throws Exception {
        List<Digest> images = Stream.of(2, 3)
                .map(number -> Digest.sha256Of(new byte[] {number.byteValue()}))
                .sorted(Comparator.comparing(Digest::hex))
                .toList();
        stage.image(images.getFirst(), NodeStageTest::manyFiles);
        stage.image(images.getLast(), _ -> "{}");
        Thread sweeping = Thread.ofPlatform().start(stage::sweepImages);
        try (StageTicket.Owner owner = own("run")) {
            while (Files.exists(layout.image(images.getFirst()))) {
                Thread.onSpinWait();
            }
            stage.claim(owner, images.getLast());
            sweeping.join();

            assertThat(stage.holds(images.getLast())).isTrue();
        }
    }

    private static String manyFiles(Path root) {
        for (int i = 0; i < 1500; i++) {
            try {
                Files.createFile(root.resolve("file" + i));
            } catch (IOException e) {
                throw FaultException.io("making files", e);
            }
        }
        return "{}";
    }

    @Test
    void what_killed_stagers_left_is_swept_with_the_trees() {
        Path left = Folders.make(layout.imageDraft(IMAGE, "dead").resolve("rootfs"));

        assertThat(stage.sweepImages()).isEqualTo(1);

        assertThat(left).doesNotExist();
    }

    @Test
    void a_tree_that_is_being_made_is_not_swept() {
        stage.image(IMAGE, _ -> {
            assertThat(stage.sweepImages()).isZero();
            return "{}";
        });

        assertThat(layout.image(IMAGE)).exists();
    }

    @Test
    void a_place_of_somebody_else_is_refused() {
        Faults.expect(
                Fault.NOT_ALLOWED,
                () -> NodeStage.open(layout, UnixStat.of(node).uid() + 1, "this boot", Duration.ofSeconds(1)));
    }

    private static String never(Path root) {
        throw new AssertionError("unpacked again into " + root);
    }

    private static String unpacked(Path root) {
        AtomicFile.write(root.resolve("file"), "from the image", "rw-------");
        return "{}";
    }

    @Test
    void a_named_tree_is_made_once_and_kept_as_it_was_left_until_the_job_ends() throws IOException {
        NamedTree made = stage.named(JOB, TreeName.parse("solver"), "", NodeStageTest::unpacked);
        Files.writeString(made.root().resolve("file"), "changed");

        NamedTree found = stage.named(JOB, TreeName.parse("solver:no_exec"), "", _ -> {
            throw new AssertionError("made again");
        });

        assertThat(found).isEqualTo(made);
        assertThat(found.root().resolve("file")).hasContent("changed");
        assertThat(made.meeting()).isDirectory();
        stage.release(JOB);
        assertThat(layout.jobs()).isEmptyDirectory();
        assertThat(Folders.list(layout.leases())).isEmpty();
    }

    @Test
    void a_tree_of_the_node_outlives_the_job_and_goes_when_it_is_removed() {
        NamedTree made = stage.named(JOB, TreeName.parse("solver", true), "", NodeStageTest::unpacked);
        stage.release(JOB);

        JobKey next = new JobKey("18", 0);
        assertThat(stage.named(next, TreeName.parse("solver:no_exec", true), "", NodeStageTest::fail))
                .isEqualTo(made);
        stage.removeNamed(next, TreeName.parse("solver", true));
        assertThat(made.root()).doesNotExist();
    }

    @Test
    void ranks_of_another_kind_meet_elsewhere() {
        TreeName name = TreeName.parse("solver");

        assertThat(stage.named(JOB, name, "net.uts", NodeStageTest::unpacked).meeting())
                .isDirectory()
                .isNotEqualTo(stage.named(JOB, name, "", NodeStageTest::fail).meeting());
    }

    private static String fail(Path root) {
        throw new AssertionError("made again in " + root);
    }

    @Test
    void the_steps_of_a_job_that_are_complete_are_found_the_latest_start_first() {
        for (int restart = 0; restart < 2; restart++) {
            StageTicket.Owner owner = (StageTicket.Owner) stage.enter(new JobKey("17", restart), "run");
            stage.publish(owner, "plan", "{}", "");
            owner.close();
        }
        own("half").close();

        assertThat(stage.steps("17"))
                .extracting(step -> layout.jobs().relativize(step.folder()).toString())
                .containsExactly("17.1/run", "17.0/run");
        assertThat(stage.steps("18")).isEmpty();
    }

    @Test
    void a_name_that_must_be_new_and_is_not_is_refused() {
        stage.named(JOB, TreeName.parse("solver:create"), "", NodeStageTest::unpacked);

        Faults.expect(
                Fault.NOT_ALLOWED,
                () -> stage.named(JOB, TreeName.parse("solver:create"), "", NodeStageTest::unpacked));
    }

    @Test
    void a_named_tree_that_cannot_be_made_leaves_nothing() {
        Faults.expect(
                Fault.NO_SPACE,
                () -> stage.named(JOB, TreeName.parse("solver"), "", root -> {
                    unpacked(root);
                    throw FaultException.of(Fault.NO_SPACE, "writing: full", "free some");
                }));

        assertThat(layout.job(JOB)).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../x", ".x", "a/b", "a:", "a:execute", "a:auto:auto"})
    void names_that_lead_elsewhere_or_say_an_unknown_rule_are_refused(String name) {
        Faults.expect(Fault.BAD_INPUT, () -> TreeName.parse(name));
    }

    @Test
    void a_trees_own_try_that_failed_is_not_in_the_next() throws IOException {
        StageTicket.Owner owner = own("run");
        Files.createDirectories(owner.step().folder().resolve("rootfs/half"));

        StagedImage own = stage.own(owner, IMAGE, NodeStageTest::unpacked);

        assertThat(Folders.list(own.root())).containsExactly(own.root().resolve("file"));
        owner.close();
    }

    // --- variants

    private StagedImage image() {
        return stage.image(IMAGE, root -> {
            AtomicFile.write(root.resolve("file"), "original", "rw-r--r--");
            return "{}";
        });
    }

    @Test
    void a_variant_is_made_once_and_goes_with_its_image() throws IOException {
        AtomicInteger made = new AtomicInteger();
        StagedImage image = image();
        List<Path> addresses = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Path root = stage.variant(image, "key1", (folder, address) -> {
                made.incrementAndGet();
                addresses.add(address);
                AtomicFile.write(folder.resolve("file"), "changed", "rw-r--r--");
            });
            assertThat(root.resolve("file")).hasContent("changed");
            assertThat(root.toRealPath()).isEqualTo(addresses.getFirst());
        }
        assertThat(made).hasValue(1);
        assertThat(image.root().resolve("file")).hasContent("original");
        Path other = stage.variant(image, "key2", (folder, _) -> {});
        assertThat(other).exists();

        assertThat(stage.sweepImages()).isEqualTo(1);
        assertThat(Folders.list(layout.variants())).isEmpty();
    }

    @Test
    void a_variant_that_cannot_be_made_leaves_nothing_and_neither_do_killed_makers() throws IOException {
        StagedImage image = image();
        Files.createDirectories(layout.variants().resolve(".draft-" + IMAGE.hex() + "-dead"));
        Faults.expect(
                Fault.BAD_INPUT,
                () -> stage.variant(image, "key", (_, _) -> {
                    throw FaultException.badInput("making it: no", "none");
                }));

        assertThat(Folders.list(layout.variants())).isEmpty();
    }
}
