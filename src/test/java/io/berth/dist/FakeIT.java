package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.layer.TreeListing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run` in a Debian that is set up for each of the F modes, and what `setup` leaves of it.
@ExtendWith(Lab.Provider.class)
@ParameterizedClass
@ValueSource(strings = {"F1", "F2", "F3", "F4"})
@DisplayNameGeneration(ReplaceUnderscores.class)
class FakeIT {
    private static final String MARK = "only-in-the-container";

    private static Berth berth;
    private static Path root;
    private static String image;

    @Parameter
    String mode = "";

    @BeforeAll
    static void make_a_container(Lab lab) throws IOException {
        String registry = lab.registry().address();
        image = registry + "/berth/openmpi";
        Host.run("bash", "src/test/cluster/images.sh", "push", registry, "openmpi");
        berth = lab.user();
        berth.succeed("pull", image);
        berth.succeed("create", "--name=deb", image);
        root = berth.repository().resolve("containers/deb").toRealPath().resolve("ROOT");
        put(MARK, "inside\n", "rw-r--r--");
        put("usr/local/bin/greet", "#!/usr/bin/perl\nprint \"$0 @ARGV\\n\";\n", "rwxr-xr-x");
        Path still = root.resolve("usr/local/bin/busybox");
        Files.copy(Path.of("/bin/busybox"), still, StandardCopyOption.REPLACE_EXISTING);
        Host.giveToUser(still);
    }

    private static void put(String path, String text, String mode) throws IOException {
        Path file = Files.writeString(root.resolve(path), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        Host.giveToUser(file);
    }

    @BeforeEach
    void set_it_up() {
        berth.succeed("setup", "--execmode=" + mode, "deb");
    }

    private Result deb(String... command) {
        return deb(List.of(), command);
    }

    private static Result deb(List<String> options, String... command) {
        List<String> words = new ArrayList<>(List.of("run"));
        words.addAll(options);
        words.add("deb");
        words.addAll(List.of(command));
        return berth.run(words.toArray(String[]::new));
    }

    private String shell(String script) {
        return deb("/bin/sh", "-c", script).hasStatus(0).out();
    }

    @Test
    void programs_see_the_container() {
        assertThat(shell("cat /" + MARK)).isEqualTo("inside\n");
        assertThat(deb("cat", "/" + MARK).hasStatus(0).out()).isEqualTo("inside\n");
        assertThat(shell("cat /etc/debian_version && ls -d /usr/share/doc | head -1"))
                .endsWith("/usr/share/doc\n");
        assertThat(shell("find /usr/lib -name 'libmpi.so*' | head -1")).startsWith("/usr/lib/");
        assertThat(berth.succeed("explain", "deb", "/bin/true").out()).startsWith("mode " + mode);
    }

    @Test
    void no_library_of_the_host_is_used() {
        String maps = shell("grep -o '/.*\\.so[.0-9]*$' /proc/self/maps | sort -u");
        assertThat(maps.lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).containsAnyOf(root.toString(), "libfakechroot", "libberth-fake"));
    }

    @Test
    void words_input_status_and_signals_are_the_programs_own() {
        assertThat(deb("printf", "[%s]", "a b", "", "'", "$HOME", "--", "*").out())
                .isEqualTo("[a b][][']" + "[$HOME][--][*]");
        deb("/bin/sh", "-c", "exit 42").hasStatus(42);
        deb("/bin/sh", "-c", "kill -9 $$").hasStatus(137);
        deb("/bin/sh", "-c", "kill -TERM $$").hasStatus(143);
        deb("no-such-program").hasStatus(127);
        deb("/" + MARK).hasStatus(126);
        assertThat(berth.input("one\ntwo\n").run("run", "deb", "wc", "-l").out())
                .isEqualTo("2\n");
    }

    @Test
    void scripts_and_an_empty_environment_stay_inside() {
        assertThat(deb("greet", "a", "b c").hasStatus(0).out()).isEqualTo("/usr/local/bin/greet a b c\n");
        assertThat(shell("env -i /usr/bin/cat /" + MARK)).isEqualTo("inside\n");
        assertThat(shell("perl -e 'system(\"cat\", \"/" + MARK + "\")'")).isEqualTo("inside\n");
    }

    @Test
    void a_static_program_is_started_inside_by_another_and_refused_as_the_first() {
        assertThat(shell("/usr/local/bin/busybox cat /" + MARK)).isEqualTo("inside\n");
        deb("/usr/local/bin/busybox", "true").failedWith(125, "static program");
    }

    @Test
    void variables_reach_the_program_and_the_hosts_loader_settings_do_not() {
        Result result = berth.with("LD_LIBRARY_PATH", "/nowhere")
                .with("LD_DEBUG", "libs")
                .run("run", "--env=GREETING=a b", "deb", "/bin/sh", "-c", "echo $GREETING; pwd; echo \"[$LD_DEBUG]\"");
        assertThat(result.hasStatus(0).out()).startsWith("a b\n/").endsWith("[]\n");
        assertThat(deb(List.of("--workdir=/usr/lib"), "pwd").out()).isEqualTo("/usr/lib\n");
    }

    @Test
    void volumes_are_shown_and_leave_nothing() throws IOException {
        Path data = Files.createTempDirectory(berth.home(), "data ");
        Host.giveToUser(data);
        Files.writeString(data.resolve("file"), "volume\n");
        deb(List.of("--containerauth"), "true").hasStatus(0);
        List<String> before = TreeListing.of(root);

        assertThat(deb(List.of("--volume=" + data), "cat", data + "/file").out())
                .isEqualTo("volume\n");
        assertThat(deb(List.of("--volume=" + data + ":/new/place"), "cat", "/new/place/file")
                        .out())
                .isEqualTo("volume\n");
        assertThat(deb(List.of("--volume=" + data + ":/mnt"), "/bin/sh", "-c", "cd /mnt && cat file && echo x > made")
                        .hasStatus(0)
                        .out())
                .isEqualTo("volume\n");
        assertThat(data.resolve("made")).hasContent("x\n");
        assertThat(deb(List.of("--volume=" + data + "/file:/etc/debian_version"), "cat", "/etc/debian_version")
                        .out())
                .isEqualTo("volume\n");
        deb(List.of("--novol=/etc/resolv.conf", "--containerauth"), "true").hasStatus(0);
        assertThat(TreeListing.of(root)).isEqualTo(before);
        deb(List.of("--volume=" + data + ":/mnt:ro"), "true").failedWith(125, "read-only");
        deb(List.of("--volume=" + data + ":/mnt", "--volume=" + data + ":/mnt/sub"), "true")
                .failedWith(125, "inside of");
        deb(List.of("--tmpfs=/mnt"), "true").failedWith(125, "in memory");
    }

    @Test
    void two_starts_at_once_share_the_container() {
        Running first = berth.start("run", "deb", "/bin/sh", "-c", "echo ready; sleep 5; whoami");
        first.awaitOutput("ready");
        assertThat(deb("whoami").hasStatus(0).out()).isEqualTo("sailor\n");
        assertThat(berth.succeed("exec", "deb", "whoami").out()).isEqualTo("sailor\n");
        berth.run("setup", "--execmode=P1", "deb").failedWith(1, "is running");
        assertThat(first.await().hasStatus(0).out()).isEqualTo("ready\nsailor\n");
    }

    @Test
    void a_repeated_start_is_kept_and_the_same_also_after_others() throws IOException {
        String look = "id; pwd; env | sort; cat /etc/passwd /etc/group; ls / /mnt; cat /mnt/f; exit 7";
        Path data = Files.createTempDirectory(berth.home(), "kept");
        Files.writeString(data.resolve("f"), "volume\n");
        Host.giveToUser(data);
        List<String> volume = List.of("--volume=" + data + ":/mnt");
        List<List<String>> runs = List.of(List.of(), volume, List.of("--containerauth"), List.of("--bindhome"));
        for (List<String> options : runs) {
            List<String> fresh = new ArrayList<>(options);
            fresh.add("--no-plan-cache");
            String wanted = deb(fresh, "/bin/sh", "-c", look).hasStatus(7).out();
            // what another one has left there is gone
            for (int i = 0; i < 3; i++) {
                assertThat(deb(options, "/bin/sh", "-c", look).out())
                        .as("%s, start %d", options, i)
                        .isEqualTo(wanted);
            }
            assertThat(kept(options, look)).startsWith("yes");
        }
        String wanted = deb(List.of(), "/bin/sh", "-c", look).out();
        deb(volume, "true").hasStatus(0);
        assertThat(kept(List.of(), look)).startsWith("no");
        assertThat(deb(List.of(), "/bin/sh", "-c", look).out()).isEqualTo(wanted);
        deb("true").hasStatus(0);
        assertThat(kept(List.of(), look)).startsWith("yes");
    }

    private static String kept(List<String> options, String script) {
        List<String> words = new ArrayList<>(List.of("explain"));
        words.addAll(options);
        words.addAll(List.of("deb", "/bin/sh", "-c", script));
        String all = berth.succeed(words.toArray(String[]::new)).out();
        return all.substring(all.indexOf("kept plan ") + "kept plan ".length());
    }

    @Test
    void the_user_is_known_inside() {
        assertThat(shell("id -u")).isEqualTo(Host.USER + "\n");
        assertThat(deb("whoami").hasStatus(0).out()).isEqualTo("sailor\n");
    }

    @Test
    void no_other_mode_starts_what_was_changed() {
        deb(List.of("--mode=P1"), "true").failedWith(125, "in mode P1", mode);
        deb(List.of("--mode=auto"), "true").hasStatus(0);
    }

    @Test
    void a_clone_runs_and_an_export_is_as_it_was_before() throws IOException {
        berth.succeed("clone", "--name=twin", "deb");
        assertThat(berth.run("run", "twin", "cat", "/" + MARK).hasStatus(0).out())
                .isEqualTo("inside\n");
        Path file = berth.home().resolve("deb.tar");
        berth.succeed("export", "-o", file.toString(), "twin");
        Host.run("sh", "-c", "! grep -qF '" + berth.repository() + "' " + file);
        berth.succeed("setup", "--execmode=P1", "twin");
        assertThat(berth.run("run", "twin", "cat", "/" + MARK).hasStatus(0).out())
                .isEqualTo("inside\n");
        berth.succeed("rm", "twin");
        Files.delete(file);
    }

    @Test
    void going_back_restores_every_file_also_after_a_kill() throws IOException, InterruptedException {
        berth.succeed("setup", "--execmode=P1", "deb");
        List<String> before = TreeListing.detailed(root);
        berth.succeed("setup", "--execmode=" + mode, "deb");
        assertThat(TreeListing.detailed(root)).isNotEqualTo(before);
        berth.succeed("setup", "--execmode=P1", "deb");
        assertThat(TreeListing.detailed(root)).isEqualTo(before);

        List<String> files = withoutFolders(before);
        for (int pause : List.of(150, 300, 450, 900)) {
            Running setup = berth.start("setup", "--execmode=" + mode, "deb");
            Thread.sleep(pause);
            setup.kill().await();
            berth.succeed("setup", "--execmode=P1", "--force", "deb");
            assertThat(withoutFolders(TreeListing.detailed(root))).isEqualTo(files);
        }
    }

    /// Their times tell of the interruption.
    private static List<String> withoutFolders(List<String> lines) {
        return lines.stream().filter(line -> !line.startsWith("dir ")).toList();
    }

    @Test
    void an_interrupted_setup_is_told_before_a_start() throws IOException {
        Path mark = root.resolveSibling(".berth/ready/changing");
        Files.writeString(mark, mode);
        deb("true").failedWith(125, "interrupted");
        Files.delete(mark);
    }

    @Test
    void a_job_uses_a_tree_beside_the_one_that_other_jobs_share() throws IOException {
        Path node = Files.createTempDirectory(berth.home(), "node");
        Host.giveToUser(node);
        Berth there = berth.with("BERTH_NODE_DIR", node.toString());
        String script = "cat /etc/debian_version /data/file; grep -o '/.*/libc.so.6' /proc/self/maps | sort -u; whoami;"
                + " touch /etc/x 2> /dev/null && echo written";
        Path data = Files.createTempDirectory(berth.home(), "data");
        Files.writeString(data.resolve("file"), "volume\n");
        Host.giveToUser(data);
        Host.run("chmod", "755", node.toString(), data.toString());
        List<String> words = List.of(
                "job", "run", "--mode=" + mode, "--volume=" + data + ":/data", image, "--", "/bin/sh", "-c", script);
        Result result = there.run(words.toArray(String[]::new));
        if (mode.equals("F4")) {
            assertThat(result.err()).contains("F4 cannot run a tree that may not be written", "use F3");
            return;
        }
        Path stage = node.resolve("berth-" + Host.USER);
        assertThat(result.out().lines().skip(1).toList())
                .as(result.toString())
                .hasSize(3)
                .startsWith("volume")
                .endsWith("sailor");
        assertThat(result.out()).contains(stage.resolve("ready").toString());
        Path shared = stage.resolve("images")
                .resolve(Host.names(stage.resolve("images")).getFirst());
        assertThat(Files.readSymbolicLink(shared.resolve("rootfs/etc/alternatives/awk")))
                .isAbsolute();
        assertThat(shared.resolve("rootfs/data")).doesNotExist();
        there.run(words.toArray(String[]::new));
        assertThat(Host.names(stage.resolve("ready"))).hasSize(1);
    }

    @Test
    void thousands_of_programs_start() {
        assertThat(shell("i=0; while [ $i -lt 300 ]; do /bin/true || exit 1; i=$((i+1)); done; echo done"))
                .isEqualTo("done\n");
        assertThat(Stream.of(shell("ls /usr/bin").split("\n"))).hasSizeGreaterThan(100);
    }
}
