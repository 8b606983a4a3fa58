package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that are repeated: no Java, and nothing else that anybody could tell.
///
/// Shape: the distribution's `java` is one that writes a line for each start, and then is the real one.
@ExtendWith(Lab.Provider.class)
@ParameterizedClass
@ValueSource(strings = {"R1", "P1"})
@DisplayNameGeneration(ReplaceUnderscores.class)
class PlanCacheIT {
    private static final long SEED = 20261126;
    private static final int CROWD = 64;
    private static final int ROUNDS = 12;
    /// What a program sees of its world, and how it was called.
    private static final String LOOK = "id; pwd; umask; env | sort; cat /etc/passwd /etc/group; ls / /data /w 2>&1;"
            + " cat /data/f 2>&1; for a; do echo \"<$a>\"; done; exit 7";

    @Parameter
    String mode = "";

    private Berth berth;
    private Path log;
    private Path data;

    @BeforeEach
    void prepare(Lab lab) throws IOException {
        Path folder = lab.folder("plans");
        Host.run("cp", "-a", lab.dist().toString(), folder.resolve("berth").toString());
        log = Files.createFile(folder.resolve("starts"));
        Host.giveToUser(log);
        Path java = folder.resolve("berth/runtime/bin/java");
        Files.move(java, java.resolveSibling("java.real"));
        Files.writeString(java, "#!/bin/sh\necho x >> " + log + "\nexec \"${0}.real\" \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        berth = lab.user().program(folder.resolve("berth/bin/berth"));
        data = Files.createDirectory(berth.home().resolve("data"));
        Files.writeString(data.resolve("f"), "content\n");
        berth.succeed("pull", lab.registry().address() + "/berth/busybox");
        berth.succeed("create", "--name=box", lab.registry().address() + "/berth/busybox");
        berth.succeed("create", "--name=other", lab.registry().address() + "/berth/busybox");
        // what the first start makes: mount points, facts of the host
        run("/bin/true").hasStatus(0);
    }

    private int starts() {
        return (int) Host.read(log).lines().count();
    }

    private Result run(String... command) {
        return run(berth, List.of(), command);
    }

    private Result run(Berth by, List<String> options, String... command) {
        return by.run(
                Stream.of(Stream.of("run", "--mode=" + mode), options.stream(), Stream.of("box"), Stream.of(command))
                        .flatMap(words -> words)
                        .toArray(String[]::new));
    }

    private Result look(Berth by, List<String> options) {
        return run(by, options, "/bin/sh", "-c", LOOK, "sh", "a b", "");
    }

    /// Checks that the next run is not the one before, and that those after it are as without a cache.
    private void isPlannedAnew(String what, Berth by, List<String> options) {
        int before = starts();
        Result next = look(by, options);
        assertThat(starts()).as("starts of Java after: %s", what).isEqualTo(before + 1);
        List<String> fresh = new ArrayList<>(options);
        fresh.add("--no-plan-cache");
        same(what, next, look(by, fresh));
        same(what, look(by, options), next);
    }

    private static void same(String what, Result found, Result wanted) {
        assertThat(found.out()).as(what).isEqualTo(wanted.out());
        assertThat(found.err()).as(what).isEqualTo(wanted.err());
        assertThat(found.status()).as(what).isEqualTo(wanted.status());
    }

    private void isKept(Berth by, List<String> options) {
        look(by, options);
        int before = starts();
        look(by, options);
        assertThat(starts()).as("starts of Java by a repeated run").isEqualTo(before);
    }

    // --- the same

    @Test
    void a_repeated_run_starts_no_java_and_is_the_same_for_the_program() {
        isKept(berth, List.of());
        Result fresh = look(berth, List.of("--no-plan-cache"));
        int before = starts();
        Result kept = look(berth, List.of());
        assertThat(starts()).isEqualTo(before);
        same("a kept plan", kept, fresh);
        assertThat(kept.status()).isEqualTo(7);
        assertThat(kept.out()).contains("<a b>\n<>\n", "container_names=box");
    }

    @Test
    void kept_and_fresh_starts_are_the_same_with_any_options() {
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            List<String> options = options(random);
            look(berth, options);
            Berth later = berth.with("TERM", "t" + round)
                    .with("SLURM_PROCID", "" + round)
                    .with("MINE", "value " + round);
            List<String> fresh = new ArrayList<>(options);
            fresh.add("--no-plan-cache");
            Result wanted = look(later, fresh);
            look(later, options);
            int before = starts();
            Result found = look(later, options);
            same("round " + round + " with " + options, found, wanted);
            if (wanted.status() == 7) {
                assertThat(starts()).as("with %s", options).isEqualTo(before);
            }
        }
    }

    private List<String> options(Random random) {
        List<String> all = List.of(
                "--env=A=1",
                "--env=MINE",
                "--env=UNSET",
                "--hostenv",
                "--volume=" + data + ":/data",
                "--volume=" + data + "/f:/w/f",
                "--volume=" + data + "/absent:/gone",
                "--workdir=/tmp",
                "--workdir=/nowhere",
                "--user=0",
                "--user=" + Host.USER,
                "--user=1234:99",
                "--hostauth",
                "--containerauth",
                "--nometa",
                "--nosysdirs",
                "--bindhome",
                "--novol=/lib/modules",
                "--dns=1.1.1.1",
                "--entrypoint=",
                "--cpuset-cpus=0");
        List<String> some = new ArrayList<>();
        for (String option : all) {
            if (random.nextInt(5) == 0) {
                some.add(option);
            }
        }
        return some;
    }

    @Test
    void a_container_that_was_started_so_can_be_joined() {
        isKept(berth, List.of());
        run("/bin/sleep", "0");
        int before = starts();
        Running running = berth.start("run", "--mode=" + mode, "box", "/bin/sh", "-c", "echo up; sleep 100");
        running.awaitOutput("up");
        running.signal("KILL");
        running.await();
        Running kept = berth.start("run", "--mode=" + mode, "box", "/bin/sh", "-c", "echo up; sleep 100");
        kept.awaitOutput("up");
        assertThat(starts()).isEqualTo(before + 1);
        berth.succeed("exec", "box", "/bin/echo", "joined").wrote("joined\n");
        kept.signal("KILL");
        kept.await();
    }

    @Test
    void a_terminal_sees_the_banner_each_time() {
        Berth terminal = berth.after("exec script -qec \"$1 run --mode=" + mode + " box /bin/echo done\" /dev/null");
        Result first = terminal.run();
        int before = starts();
        Result second = terminal.run();
        assertThat(starts()).isEqualTo(before);
        assertThat(second.out()).isEqualTo(first.out()).contains("STARTING ", "executing: ", "done");
        assertThat(run("/bin/echo", "done").hasStatus(0).err()).isEmpty();
    }

    @Test
    void many_at_once_start_java_once() {
        int before = starts();
        List<Running> crowd = IntStream.range(0, CROWD)
                .mapToObj(_ -> berth.start("run", "--mode=" + mode, "box", "/bin/echo", "crowd"))
                .toList();
        crowd.forEach(one -> one.await().hasStatus(0).wrote("crowd\n"));
        assertThat(starts()).isEqualTo(before + 1);
    }

    // --- something has changed

    @Test
    void what_the_repository_says_of_the_container_counts() throws IOException {
        isKept(berth, List.of());
        berth.succeed("name", "box", "second");
        isPlannedAnew("another name", berth, List.of());
        berth.succeed("rmname", "box");
        berth.succeed("name", "other", "box");
        isPlannedAnew("the name of another container", berth, List.of());
        Path folder = berth.repository().resolve("containers/box").toRealPath();
        String config = Host.read(folder.resolve("container.json"));
        Files.writeString(
                folder.resolve("container.json"), config.replaceFirst("\"Env\":\\s*\\[", "\"Env\":[\"NEW=1\",") + "\n");
        isPlannedAnew("another configuration", berth, List.of());
        berth.succeed("rm", "box");
        assertThat(run("/bin/true").status()).isNotEqualTo(0);
    }

    @Test
    void a_mode_that_is_set_up_counts() {
        String[] words = {"run", "box", "/bin/sh", "-c", "echo $container_execmode"};
        berth.succeed("setup", "--execmode=" + mode, "box");
        berth.succeed(words);
        berth.succeed(words).wrote(mode + "\n");
        berth.succeed("setup", "--execmode=P2", "box");
        berth.succeed(words).wrote("P2\n");
    }

    @Test
    void files_of_settings_count_also_when_they_come_and_go() throws IOException {
        isKept(berth, List.of());
        Path file = berth.repository().resolve("berth.conf");
        Files.writeString(file, "root_path = /bin:/new\n");
        isPlannedAnew("a file of settings", berth, List.of());
        Files.delete(file);
        isPlannedAnew("none", berth, List.of());
    }

    @Test
    void files_in_the_container_count_as_far_as_they_were_looked_at() throws IOException {
        Path root = berth.repository().resolve("containers/box/ROOT").toRealPath();
        List<String> options = List.of("--workdir=/w");
        assertThat(look(berth, options).status()).isEqualTo(125);
        Files.createDirectory(root.resolve("w"));
        Host.giveToUser(root.resolve("w"));
        look(berth, options).hasStatus(7);
        isKept(berth, options);
        Files.writeString(root.resolve("w/file"), "a name more in it is nothing to the plan\n");
        isKept(berth, options);
        Path passwd = root.resolve("etc/passwd");
        Files.writeString(passwd, Host.read(passwd) + "new:x:77:77::/:/bin/sh\n");
        isPlannedAnew("the users inside", berth, options);
        Files.delete(root.resolve("w/file"));
        Files.delete(root.resolve("w"));
        Files.createSymbolicLink(root.resolve("w"), Path.of("/etc"));
        isPlannedAnew("a link in place of the folder", berth, options);
    }

    @Test
    void files_of_the_host_count_as_far_as_they_were_looked_at() throws IOException {
        Path file = Files.createFile(berth.home().resolve("variables"));
        Files.writeString(file, "ONE=1\n");
        List<String> options = List.of("--volume=" + data + ":/data", "--env-file=" + file);
        isKept(berth, options);
        Files.writeString(data.resolve("f"), "other\n");
        isKept(berth, options);
        assertThat(look(berth, options).out()).contains("other");
        Files.writeString(file, "ONE=2\n");
        isPlannedAnew("a file of variables", berth, options);
        Files.delete(data.resolve("f"));
        Files.delete(data);
        isPlannedAnewAndFails(options);
    }

    private void isPlannedAnewAndFails(List<String> options) {
        look(berth, options).failedWith(125, "the host has no such file or folder");
    }

    @Test
    void variables_that_berth_reads_count() throws IOException {
        isKept(berth, List.of());
        isPlannedAnew("another user name", berth.with("USER", "captain"), List.of());
        isPlannedAnew("another mode", berth.with("UDOCKER_DEFAULT_EXECUTION_MODE", "R2"), List.of());
        Path nowhere = Files.createDirectory(berth.home().resolve("empty"));
        Host.giveToUser(nowhere);
        assertThat(run(berth.with("BERTH_DIR", nowhere.toString()), List.of(), "/bin/true")
                        .status())
                .isNotEqualTo(0);
        isKept(berth, List.of());
    }

    @Test
    void the_engine_and_the_host_count() throws IOException {
        isKept(berth, List.of());
        Path engines = berth.program().resolveSibling("../libexec/engines").normalize();
        Path proot;
        try (Stream<Path> files = Files.list(engines)) {
            proot = files.filter(file -> file.getFileName().toString().startsWith("proot-x")
                            || file.getFileName().toString().startsWith("proot-a"))
                    .findFirst()
                    .orElseThrow();
        }
        Host.run("cp", proot.toString(), proot + ".new");
        Files.move(Path.of(proot + ".new"), proot, StandardCopyOption.REPLACE_EXISTING);
        isPlannedAnew("another engine", berth, List.of());
        for (String name : Host.names(berth.repository().resolve(".berth"))) {
            if (name.startsWith(".facts-")) {
                Files.delete(berth.repository().resolve(".berth").resolve(name));
            }
        }
        isPlannedAnew("what is known of the host", berth, List.of());
        isKept(berth, List.of());
        Berth elsewhere = berth.afterRoot("echo 11111111-2222-3333-4444-555555555555 > " + log.resolveSibling("boot")
                + "; mount --bind " + log.resolveSibling("boot") + " /proc/sys/kernel/random/boot_id");
        int before = starts();
        look(elsewhere, List.of()).hasStatus(7);
        assertThat(starts()).as("after a boot").isEqualTo(before + 1);
    }

    // --- the cache itself

    private List<Path> kept() {
        Path folder = berth.home().resolve(".cache/berth/plans");
        return Host.names(folder).stream()
                .filter(name -> name.matches("[0-9a-f]{64}"))
                .map(folder::resolve)
                .toList();
    }

    @Test
    void a_damaged_or_foreign_file_is_passed_over_and_made_anew() throws IOException {
        isKept(berth, List.of());
        for (String text : List.of("", "berth-cached-plan 1 \n", "x".repeat(100_000))) {
            for (Path each : kept()) {
                Files.writeString(each, text);
            }
            isPlannedAnew("a damaged file", berth, List.of());
        }
        for (Path each : kept()) {
            Host.run("chown", "0:0", each.toString());
        }
        isPlannedAnew("a file of another user", berth, List.of());
        Host.run("rm", "-rf", berth.home().resolve(".cache").toString());
        isPlannedAnew("an empty cache", berth, List.of());
        assertThat(kept()).hasSize(1);
    }

    @Test
    void it_can_be_switched_off() throws IOException {
        for (Berth off : List.of(berth.with("BERTH_PLAN_CACHE", "0"), berth.with("BERTH_PLAN_CACHE", "no"))) {
            look(off, List.of());
            int before = starts();
            look(off, List.of());
            assertThat(starts()).isEqualTo(before + 1);
        }
        Files.writeString(berth.repository().resolve("berth.conf"), "plan_cache = no\n");
        look(berth, List.of());
        int before = starts();
        look(berth, List.of());
        assertThat(starts()).isEqualTo(before + 1);
        int kept = kept().size();
        run(berth, List.of("--no-plan-cache"), "/bin/echo", "new");
        assertThat(kept()).hasSize(kept);
    }

    @Test
    void what_makes_a_container_is_not_kept(Lab lab) {
        String image = lab.registry().address() + "/berth/busybox";
        int kept = kept().size();
        for (int i = 0; i < 2; i++) {
            berth.succeed("run", "--rm", image, "/bin/true");
            berth.succeed("run", image, "/bin/true");
        }
        assertThat(kept()).hasSize(kept);
        assertThat(berth.succeed("ps").out().lines()).hasSize(3 + 2);
        berth.succeed("run", "--pull=reuse", "--name=again", image, "/bin/true");
        berth.succeed("run", "--pull=reuse", "--name=again", image, "/bin/true");
        int before = starts();
        berth.succeed("run", "--pull=reuse", "--name=again", image, "/bin/true");
        assertThat(starts()).isEqualTo(before);
    }

    @Test
    void explain_says_whether_a_plan_is_kept() throws IOException {
        String[] words = {"explain", "--mode=" + mode, "box", "/bin/sh", "-c", LOOK, "sh", "a b", ""};
        assertThat(berth.succeed(words).out()).contains("kept plan no: there is none");
        isKept(berth, List.of());
        assertThat(berth.succeed(words).out()).contains("kept plan yes");
        Files.writeString(berth.repository().resolve("berth.conf"), "\n");
        assertThat(berth.succeed(words).out()).contains("kept plan no: ", "berth.conf is there now");
    }

    @Test
    void notices_are_said_each_time() {
        List<String> options = List.of("--dns=1.1.1.1");
        isKept(berth, options);
        assertThat(look(berth, options).err()).contains("--dns has no effect");
    }
}
