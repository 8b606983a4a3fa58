package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run` as shipped, in each mode: what reaches the program, and what comes back.
@ExtendWith(Lab.Provider.class)
@ParameterizedClass
@ValueSource(strings = {"R1", "P1", "P2", "R2", "R3"})
@DisplayNameGeneration(ReplaceUnderscores.class)
class RunIT {
    /// Prints each argument and a NUL.
    private static final List<String> PRINT = List.of("/bin/sh", "-c", "for a; do printf '%s\\0' \"$a\"; done", "sh");

    private static Lab lab;
    private static Berth berth;
    private static String app;

    @Parameter
    String mode = "";

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        TestRegistry registry = given.registry();
        berth = given.user();
        berth.succeed("pull", registry.address() + "/berth/busybox");
        berth.succeed("create", "--name=box", registry.address() + "/berth/busybox");
        registry.push(
                "berth/app",
                """
                "Env":["PATH=/bin:/opt/bin","GREETING=from the image","OMP_NUM_THREADS=1"],"WorkingDir":"/srv",
                "Entrypoint":["/bin/echo","entry"],"Cmd":["default","words"]""",
                TestRegistry.busyboxLayer(),
                TestRegistry.layer(tar -> TestRegistry.file(tar, "srv/here", new byte[1])));
        app = registry.address() + "/berth/app";
        berth.succeed("pull", app);
        berth.succeed("create", "--name=app", app);
    }

    private String[] words(List<String> options, String container, List<String> command) {
        List<String> words = new ArrayList<>(List.of("run", "--mode=" + mode));
        words.addAll(options);
        words.add(container);
        words.addAll(command);
        return words.toArray(String[]::new);
    }

    private Result box(String... command) {
        return box(berth, command);
    }

    private Result box(Berth by, String... command) {
        return by.run(words(List.of(), "box", List.of(command)));
    }

    private Result box(List<String> options, String... command) {
        return berth.run(words(options, "box", List.of(command)));
    }

    private Running start(Berth by, List<String> options, String script) {
        return by.start(words(options, "box", List.of("/bin/sh", "-c", script)));
    }

    private String shell(String script) {
        return box("/bin/sh", "-c", script).hasStatus(0).out();
    }

    private String shell(Berth by, String script) {
        return box(by, "/bin/sh", "-c", script).hasStatus(0).out();
    }

    private String shell(List<String> options, String script) {
        return box(options, "/bin/sh", "-c", script).hasStatus(0).out();
    }

    // --- words, input, status

    @Test
    void arguments_arrive_exactly() {
        List<String> words = List.of(
                "a b",
                "",
                "'",
                "\"quoted\"",
                "two\nlines",
                "*",
                "$HOME",
                "`id`",
                "\\",
                "-v",
                "--rm",
                "--help",
                "--",
                "@/etc/passwd",
                "${user.home}",
                "--env=A=b",
                "%41",
                "tab\there",
                "",
                " ");
        List<String> command = Stream.concat(PRINT.stream(), words.stream()).toList();
        assertThat(List.of(
                        box(command.toArray(String[]::new)).hasStatus(0).out().split("\0", -1)))
                .startsWith(words.toArray(String[]::new))
                .hasSize(words.size() + 1);
    }

    @Test
    void bytes_of_an_argument_that_are_not_utf8_arrive_unchanged() {
        String[] words = words(List.of(), "box", List.of("/bin/sh", "-c", "printf %s \"$1\" | od -An -tx1", "sh"));
        Map.of(
                        "a\\377b", "61 ff 62",
                        "a\\303", "61 c3",
                        "caf\\303\\251", "63 61 66 c3 a9",
                        "\\364\\217\\277\\277\\200", "f4 8f bf bf 80")
                .forEach((given, found) -> assertThat(berth.after("set -- \"$@\" \"$(printf '" + given + "')\"")
                                .run(words)
                                .hasStatus(0)
                                .out()
                                .strip())
                        .isEqualTo(found));
        Berth odd = berth.after("set -- \"$@\" \"$(printf 'a\\377')\"");
        odd.run("ps").failedWith(125, "UTF-8");
    }

    @Test
    void two_dashes_before_the_command_are_ours_and_later_ones_the_programs() {
        box("--", "/bin/echo", "--", "x").hasStatus(0).wrote("-- x\n");
        box("/bin/echo", "--", "x").hasStatus(0).wrote("-- x\n");
    }

    @Test
    void input_passes() {
        box(berth.input("one\ntwo\n"), "/bin/cat").hasStatus(0).wrote("one\ntwo\n");
        String much = "0123456789abcdef".repeat(20_000);
        box(berth.input(much), "/bin/wc", "-c").hasStatus(0).wrote(much.length() + "\n");
    }

    @Test
    void output_and_errors_stay_apart() {
        Result result =
                box("/bin/sh", "-c", "echo out; echo err >&2").hasStatus(0).wrote("out\n");
        assertThat(result.err()).isEqualTo("err\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 42, 125, 126, 127, 200, 255})
    void the_status_is_the_programs(int status) {
        box("/bin/sh", "-c", "exit " + status).hasStatus(status).isSilent();
    }

    @Test
    void a_program_that_is_not_there_is_127_and_one_that_is_none_126() {
        box("no-such-program").failedWith(127, "no-such-program", "not found");
        box("/no/such/program").failedWith(127, "/no/such/program");
        box("/etc/passwd").failedWith(126, "/etc/passwd");
        box("/etc").failedWith(126, "/etc");
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 15, 11, 6})
    void a_program_killed_by_a_signal_is_128_more(int signal) {
        box("/bin/sh", "-c", "kill -" + signal + " $$").hasStatus(128 + signal);
        box(List.of(), "/bin/sh", "-c", "kill -" + signal + " $$").hasStatus(128 + signal);
    }

    // --- signals

    private static final String COUNT_TERMS =
            "trap 'echo TERM' TERM; echo ready; i=0; while [ $i -lt 15 ]; do sleep 0.1; i=$((i+1)); done; exit 43";

    @Test
    void term_to_berth_reaches_the_program_once() {
        Running running = start(berth, List.of(), COUNT_TERMS).awaitOutput("ready");
        running.signal("TERM").await().hasStatus(43).wrote("ready\nTERM\n");
    }

    @Test
    void term_to_the_whole_group_reaches_the_program_once() {
        Running running = start(berth.after("set -- setsid \"$@\""), List.of(), COUNT_TERMS)
                .awaitOutput("ready");
        Host.run("kill", "-TERM", "--", "-" + running.process().pid());
        assertThat(running.await().out()).isEqualTo("ready\nTERM\n");
    }

    @Test
    void a_program_that_does_not_care_is_ended_by_term() {
        start(berth, List.of(), "echo ready; exec sleep 60")
                .awaitOutput("ready")
                .signal("TERM")
                .await()
                .hasStatus(143);
    }

    @Test
    void kill_to_berth_leaves_no_program() {
        Running running =
                start(berth, List.of(), "echo $$ ready; exec sleep 60").awaitOutput("ready");
        List<ProcessHandle> all = running.process().descendants().toList();
        running.signal("KILL").await().hasStatus(137);
        Host.waitUntil("the end of all of its processes", () -> all.stream().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void an_ignored_signal_is_ignored_inside() {
        Berth ignoring = berth.after("trap '' HUP");
        Running running =
                start(ignoring, List.of(), "echo ready; sleep 1; echo done").awaitOutput("ready");
        running.signal("HUP").await().hasStatus(0).wrote("ready\ndone\n");
    }

    // --- descriptors, terminal, limits

    @Test
    void an_inherited_descriptor_arrives_under_its_number_and_none_of_ours() throws IOException {
        Path file = Files.writeString(berth.output().resolve("seven"), "through seven");
        Berth with = berth.after("exec 7< '" + file + "'");
        assertThat(shell(with, "cat <&7")).isEqualTo("through seven");
        assertThat(shell(with, "for f in /proc/$$/fd/*; do [ ! -e $f ] || echo ${f##*/}; done")
                        .lines())
                .containsExactlyInAnyOrder("0", "1", "2", "7");
    }

    @Test
    void a_terminal_stays_one() {
        Berth on = berth.after("exec script -qec \"$1 run --mode=" + mode
                + " box /bin/sh -c 'test -t 0 && test -t 1 && test -t 2 && echo all three; tty'\" /dev/null");
        assertThat(on.run().hasStatus(0).out()).contains("all three", "/dev/pts/");
    }

    @Test
    void umask_limits_and_priority_are_the_callers() {
        Berth limited =
                berth.after("umask 027; ulimit -Sn 777; ulimit -Hn 888; ulimit -Sc 0; renice -n 5 $$ >/dev/null");
        assertThat(shell(limited, "umask; ulimit -Sn; ulimit -Hn; cut -d' ' -f19 /proc/self/stat"))
                .isEqualTo("0027\n777\n888\n5\n");
        assertThat(shell(berth.after("umask 077"), "umask")).isEqualTo("0077\n");
    }

    // --- environment

    @Test
    void variables_are_set_or_handed_on_by_name() {
        Berth caller = berth.with("MINE", "my own").with("OTHER", "not asked for");
        Result result = caller.run(words(
                List.of("--env", "MINE", "--env=SET=a b='c'", "--env=EMPTY=", "-e", "LAST=1", "-e", "LAST=2"),
                "box",
                List.of("/bin/env")));
        assertThat(result.hasStatus(0).out().lines())
                .contains("MINE=my own", "SET=a b='c'", "EMPTY=", "LAST=2")
                .noneMatch(line -> line.startsWith("OTHER"));
    }

    @Test
    void nothing_of_the_host_or_of_ours_comes_unasked() {
        assertThat(box(berth.with("LD_PRELOAD_X", "1").with("JAVA_HOME", "/x"), "/bin/env")
                        .hasStatus(0)
                        .out())
                .doesNotContain("LD_PRELOAD_X", "JAVA_HOME", "BERTH_", "PROOT", "UDOCKER");
    }

    @Test
    void the_whole_environment_comes_with_hostenv() {
        Berth caller = berth.with("MINE", "my own").with("LD_LIBRARY_PATH", "/host/only");
        String out = caller.run(words(List.of("--hostenv"), "box", List.of("/bin/env")))
                .hasStatus(0)
                .out();
        assertThat(out)
                .contains("MINE=my own\n")
                .doesNotContain("LD_LIBRARY_PATH", "BERTH_FRONT", "PATH=/usr/local/bin:/usr/bin:/bin\n");
        assertThat(out.lines().filter(line -> line.startsWith("PATH="))).hasSize(1);
    }

    @Test
    void variables_of_the_batch_system_and_of_mpi_pass_unasked() {
        Berth rank = berth.with("SLURM_PROCID", "3")
                .with("PMI_RANK", "3")
                .with("PMIX_SERVER_URI", "a;b")
                .with("OMP_NUM_THREADS", "8");
        assertThat(box(rank, "/bin/env").hasStatus(0).out().lines())
                .contains("SLURM_PROCID=3", "PMI_RANK=3", "PMIX_SERVER_URI=a;b", "OMP_NUM_THREADS=8");
    }

    @Test
    void the_images_variables_are_set_and_its_path_is_used() {
        Result result = berth.run(words(List.of("--entrypoint="), "app", List.of("env")));
        assertThat(result.hasStatus(0).out().lines())
                .contains("PATH=/bin:/opt/bin", "GREETING=from the image", "OMP_NUM_THREADS=1");
        assertThat(berth.with("OMP_NUM_THREADS", "8")
                        .run(words(List.of("--entrypoint=", "--env=GREETING=x"), "app", List.of("env")))
                        .out()
                        .lines())
                .contains("OMP_NUM_THREADS=8", "GREETING=x");
    }

    @Test
    void bytes_that_are_not_utf8_pass_unchanged_in_the_c_locale() {
        Berth odd = berth.with("LC_ALL", "C").after("export ODD=$(printf 'a\\377\\200b') SLURM_ODD=$(printf '\\351')");
        Result result = odd.run(words(
                List.of("--env", "ODD"),
                "box",
                List.of("/bin/sh", "-c", "printf %s \"$ODD$SLURM_ODD\" | od -An -tx1; echo $LC_ALL")));
        assertThat(result.hasStatus(0).out().strip()).isEqualTo("61 ff 80 62 e9\nC");
    }

    // --- volumes

    private Path shared(String name) throws IOException {
        Path folder = Files.createDirectories(lab.folder("shared").resolve(name));
        Files.writeString(folder.resolve("file"), "of the host\n");
        Host.giveToUser(folder);
        return folder;
    }

    @Test
    void a_folder_and_a_file_can_be_shown_inside() throws IOException {
        Path folder = shared("it");
        assertThat(shell(
                        List.of("--volume=" + folder + ":/made/on/the/way"),
                        "cat /made/on/the/way/file; echo new > /made/on/the/way/new"))
                .isEqualTo("of the host\n");
        assertThat(folder.resolve("new")).hasContent("new");
        assertThat(shell(List.of("-v", folder.toString()), "cat " + folder + "/file"))
                .isEqualTo("of the host\n");
        assertThat(shell(List.of("--volume=" + folder + "/file:/etc/os-release"), "cat /etc/os-release"))
                .as("over a file of the image")
                .isEqualTo("of the host\n");
        assertThat(shell("cat /etc/os-release")).contains("berth test busybox");
    }

    @Test
    void blanks_in_paths_are_fine() throws IOException {
        Path folder = shared("with some blanks");
        assertThat(shell(List.of("--volume=" + folder + ":/in side/too"), "cat '/in side/too/file'"))
                .isEqualTo("of the host\n");
    }

    @Test
    void read_only_is_kept_or_refused_before_the_start() throws IOException {
        Path folder = shared("ro");
        Result result = box(
                List.of("--volume=" + folder + ":/mnt:ro"),
                "/bin/sh",
                "-c",
                "cat /mnt/file; touch /mnt/new 2>/dev/null && echo written");
        if (mode.startsWith("P")) {
            result.failedWith(125, "read-only");
        } else {
            result.hasStatus(1).wrote("of the host\n");
        }
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void a_volume_that_is_not_there_or_is_nonsense_is_refused() {
        box(List.of("--volume=/no/such/place:/mnt"), "/bin/true").failedWith(125, "/no/such/place");
        box(List.of("--volume=/etc:/"), "/bin/true").failedWith(125, "/etc:/");
        box(List.of("--volume=/etc:/a/../.."), "/bin/true").failedWith(125, "/etc:/a/../..");
        box(List.of("--volume=etc:/mnt"), "/bin/true").failedWith(125, "etc:/mnt");
        box(List.of("--volume="), "/bin/true").failedWith(125);
    }

    // --- working directory, user, entry point

    @Test
    void the_working_directory_is_the_images_or_the_one_asked_for() {
        assertThat(shell(List.of("--workdir=/tmp"), "pwd")).isEqualTo("/tmp\n");
        berth.run(words(List.of("--entrypoint="), "app", List.of("/bin/pwd")))
                .hasStatus(0)
                .wrote("/srv\n");
        berth.run(words(List.of("--entrypoint=", "-w", "/bin"), "app", List.of("pwd")))
                .hasStatus(0)
                .wrote("/bin\n");
        box(List.of("--workdir=/no/such/folder"), "/bin/true").failedWith(125, "/no/such/folder");
    }

    @Test
    void the_user_is_root_unless_another_is_asked_for() {
        assertThat(shell("id -u; id -g; echo $USER $HOME; whoami")).isEqualTo("0\n0\nroot /root\nroot\n");
        assertThat(shell(List.of("--user=nobody"), "id -u; echo $USER; whoami")).isEqualTo("65534\nnobody\nnobody\n");
        assertThat(shell(List.of("--user=1234"), "id -u; whoami")).startsWith("1234\n");
        assertThat(shell(List.of("--user=1234:4321"), "id -u; id -g")).isEqualTo("1234\n4321\n");
        assertThat(shell(List.of("--user=sailor"), "id -u; whoami; echo $USER")).isEqualTo("20011\nsailor\nsailor\n");
        assertThat(shell(List.of("--user=20011"), "id -u; id -g; whoami")).isEqualTo("20011\n20011\nsailor\n");
        box(List.of("--user=stranger"), "/bin/true").failedWith(125, "stranger");
        box(List.of("--user=0:strangers"), "/bin/true").failedWith(125, "strangers");
    }

    @Test
    void what_the_user_writes_belongs_to_him() throws IOException {
        Path folder = shared("written");
        shell(List.of("--volume=" + folder + ":/mnt"), "echo x > /mnt/new; mkdir /mnt/sub; rm /mnt/file");
        assertThat(Files.getAttribute(folder.resolve("new"), "unix:uid")).isEqualTo(Host.USER);
        assertThat(Host.names(folder)).containsExactly("new", "sub");
    }

    @Test
    void the_entry_point_is_the_images_another_or_none() {
        berth.run(words(List.of(), "app", List.of())).hasStatus(0).wrote("entry default words\n");
        berth.run(words(List.of(), "app", List.of("mine"))).hasStatus(0).wrote("entry mine\n");
        berth.run(words(List.of("--entrypoint=/bin/echo other"), "app", List.of("x")))
                .hasStatus(0)
                .wrote("other x\n");
        berth.run(words(List.of("--entrypoint="), "app", List.of("/bin/echo", "x")))
                .hasStatus(0)
                .wrote("x\n");
        berth.run(words(List.of("--entrypoint", ""), "app", List.of("/bin/echo", "x")))
                .hasStatus(0)
                .wrote("x\n");
    }

    // --- containers

    private List<String> containers() {
        return Host.names(berth.repository().resolve("containers"));
    }

    @Test
    void what_a_program_writes_stays_in_its_container() {
        shell("echo kept > /tmp/kept-" + mode);
        assertThat(shell("cat /tmp/kept-" + mode)).isEqualTo("kept\n");
    }

    @Test
    void a_name_is_given_to_a_new_container_and_can_be_run_again() {
        String name = "named-" + mode.toLowerCase(java.util.Locale.ROOT);
        berth.run(words(List.of("--name=" + name), app, List.of("first")))
                .hasStatus(0)
                .wrote("entry first\n");
        List<String> before = containers();
        berth.run(words(List.of(), name, List.of("second"))).hasStatus(0).wrote("entry second\n");
        assertThat(containers()).isEqualTo(before);
        berth.run(words(List.of("--name=" + name), app, List.of("third"))).failedWith(125, name, "taken");
        assertThat(containers()).isEqualTo(before);
        berth.succeed("rm", name);
    }

    @Test
    void bad_names_are_refused_before_any_work() {
        List<String> before = containers();
        for (String name : List.of("a/b", ".hidden", "a b", "[x]", "", "-x", "a\nb")) {
            berth.run("create", "--name=" + name, app).failedWith(2, "naming a container");
            berth.run(words(List.of("--name=" + name), app, List.of("x"))).failedWith(125, "naming a container");
        }
        berth.run("create", "--name=box", app).failedWith(1, "box", "taken");
        assertThat(containers()).isEqualTo(before);
    }

    @Test
    void a_run_that_is_refused_leaves_no_new_container() {
        List<String> before = containers();
        berth.run(words(List.of("--volume=/no/such/place:/mnt"), app, List.of()))
                .failedWith(125, "/no/such/place");
        assertThat(containers()).isEqualTo(before);
    }

    @Test
    void without_rm_the_container_stays_and_with_it_goes() {
        List<String> before = containers();
        berth.run(words(List.of("--rm"), app, List.of("x"))).hasStatus(0).wrote("entry x\n");
        berth.run(words(List.of("--rm", "--entrypoint="), app, List.of("/bin/sh", "-c", "exit 9")))
                .hasStatus(9);
        berth.run(words(List.of("--rm", "--entrypoint="), app, List.of("/bin/sh", "-c", "kill -9 $$")))
                .hasStatus(137);
        berth.run(words(List.of("--rm", "--entrypoint="), app, List.of("no-such-program")))
                .failedWith(127, "no-such-program");
        assertThat(containers()).isEqualTo(before);
        berth.run(words(List.of(), app, List.of("x"))).hasStatus(0);
        List<String> added = new ArrayList<>(containers());
        added.removeAll(before);
        assertThat(added).hasSize(1);
        berth.succeed("rm", added.getFirst());
        assertThat(containers()).isEqualTo(before);
    }

    @Test
    void with_rm_signals_status_input_and_descriptors_are_the_same() throws IOException {
        List<String> before = containers();
        Path file = Files.writeString(berth.output().resolve("seven-rm"), "seven ");
        List<String> options = List.of("--rm", "--entrypoint=");
        Running running = berth.start(words(options, app, List.of("/bin/sh", "-c", COUNT_TERMS)))
                .awaitOutput("ready");
        running.signal("TERM").await().hasStatus(43).wrote("ready\nTERM\n");
        berth.input("input")
                .after("exec 7< '" + file + "'")
                .run(words(options, app, List.of("/bin/sh", "-c", "cat <&7; cat; exit 5")))
                .hasStatus(5)
                .wrote("seven input");
        Running ended = berth.start(words(options, app, List.of("/bin/sh", "-c", "echo ready; exec sleep 60")))
                .awaitOutput("ready");
        ended.signal("TERM").await().hasStatus(143);
        assertThat(containers()).isEqualTo(before);
    }

    @Test
    void thirty_two_runs_of_one_container_at_once() {
        List<Running> runs = new ArrayList<>();
        for (int rank = 0; rank < 32; rank++) {
            runs.add(start(
                    berth.with("PMI_RANK", "" + rank),
                    List.of("--user=" + (rank % 2 == 0 ? 20011 : 30000)),
                    "echo $PMI_RANK; whoami; exit $PMI_RANK"));
        }
        for (int rank = 0; rank < 32; rank++) {
            runs.get(rank).await().hasStatus(rank).wrote(rank + (rank % 2 == 0 ? "\nsailor\n" : "\nuser30000\n"));
        }
    }

    @Test
    void explain_shows_the_plan_and_starts_nothing() {
        String out = berth.succeed("explain", "--mode=" + mode, "box", "/bin/touch", "/tmp/explained")
                .out();
        assertThat(out).contains("mode " + mode, "/bin/touch");
        assertThat(shell("ls /tmp")).doesNotContain("explained");
    }

    @Test
    void explaining_an_image_leaves_no_container() {
        List<String> before = containers();

        assertThat(berth.succeed("explain", "--mode=" + mode, app, "/bin/true").out())
                .contains("mode " + mode);

        assertThat(containers()).isEqualTo(before);
    }

    @Test
    void a_link_in_the_image_does_not_lead_out_of_it() throws IOException {
        Path secret = shared("secret");
        shell("ln -sfn '" + secret + "' /tmp/out-" + mode + "; ln -sfn ../../../../../../../.." + secret + " /tmp/up-"
                + mode);
        box("/bin/cat", "/tmp/out-" + mode + "/file").hasStatus(1);
        box("/bin/cat", "/tmp/up-" + mode + "/file").hasStatus(1);
    }

    // --- every other option: it holds in this mode, or is refused before the start

    /// Asserts that the options do what they say in one mode and are refused in the other.
    private void only(String able, List<String> options, String script, String wanted) {
        Result result = box(options, "/bin/sh", "-c", script);
        if (able.contains(mode)) {
            result.hasStatus(0).wrote(wanted);
        } else {
            result.failedWith(125, mode + " cannot");
        }
    }

    @Test
    void another_kernel_release_is_shown_or_refused() {
        only("P1 P2", List.of("--kernel=4.1.2-lab"), "uname -r", "4.1.2-lab\n");
        assertThat(berth.run("run", "--kernel", "4.1.2-lab", "box", "/bin/uname", "-r")
                        .hasStatus(0)
                        .out())
                .as("without a mode, one that can is taken")
                .isEqualTo("4.1.2-lab\n");
    }

    @Test
    void a_port_is_moved_or_refused_and_one_that_stays_holds_by_itself() throws IOException {
        int port = freePort();
        List<String> moved = List.of("-p", port + ":91");
        if (mode.startsWith("R")) {
            box(moved, "/bin/true").failedWith(125, mode + " cannot map port 91", String.valueOf(port));
            Result result = box(List.of("--netcoop"), "/bin/true").hasStatus(0);
            assertThat(result.err()).contains("ports are not moved").hasLineCount(1);
        } else {
            Running running = start(berth, moved, "echo ready; echo through the port | timeout 60 nc -l -p 91");
            running.awaitOutput("ready");
            assertThat(answerOf(port)).isEqualTo("through the port\n");
            running.await().hasStatus(0);
            box(List.of("-P"), "/bin/true").hasStatus(0).isSilent();
        }
        box(List.of("-p", "18080:18080", "--publish=127.0.0.1:18081:18081/tcp"), "/bin/true")
                .hasStatus(0)
                .isSilent();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// What whoever listens on the port says; waits until someone does.
    private static String answerOf(int port) {
        AtomicReference<String> answer = new AtomicReference<>("");
        Host.waitUntil("someone on port " + port, () -> {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                answer.set(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
                return true;
            } catch (IOException e) {
                return false;
            }
        });
        return String.valueOf(answer.get());
    }

    @Test
    void processors_can_be_chosen() {
        assertThat(shell(List.of("--cpuset-cpus=0"), "grep Cpus_allowed_list /proc/self/status"))
                .isEqualTo("Cpus_allowed_list:\t0\n");
        assertThat(berth.run(words(
                                List.of("--cpuset-cpus=0", "--rm", "--entrypoint="),
                                app,
                                List.of("grep", "Cpus_allowed_list", "/proc/self/status")))
                        .hasStatus(0)
                        .out())
                .isEqualTo("Cpus_allowed_list:\t0\n");
        box(List.of("--cpuset-cpus=8000"), "/bin/true").failedWith(125, "8000");
        box(List.of("--cpuset-cpus=x"), "/bin/true").failedWith(125, "'x'");
    }

    @Test
    void the_hosts_folders_are_shown_unless_they_are_not_wanted() {
        assertThat(shell("test -e /proc/self && test -e /sys/kernel && test -c /dev/null && echo all"))
                .isEqualTo("all\n");
        assertThat(shell(List.of("--nosysdirs"), "ls /proc /sys")).doesNotContain("self", "kernel");
        assertThat(shell(List.of("--novol=/sys"), "test -e /proc/self && ls /sys"))
                .isEmpty();
        Result result = box(List.of("--novol=/nowhere"), "/bin/true").hasStatus(0);
        assertThat(result.err()).contains("/nowhere").hasLineCount(1);
    }

    @Test
    void a_device_is_shown_where_dev_is_not() {
        assertThat(shell(
                        List.of("--nosysdirs", "--device=/dev/zero", "--device=/dev/null:/dev/nothing:rw"),
                        "head -c 2 /dev/zero | wc -c; echo x > /dev/nothing; cat /dev/nothing"))
                .isEqualTo("2\n");
        box(List.of("--device=/dev/no-such-device"), "/bin/true").failedWith(125, "/dev/no-such-device");
    }

    @Test
    void a_mount_can_be_said_in_dockers_words() throws IOException {
        Path folder = shared("mount");
        assertThat(shell(List.of("--mount", "type=bind,source=" + folder + ",target=/mnt"), "cat /mnt/file"))
                .isEqualTo("of the host\n");
        only(
                "R1 R2 R3",
                List.of("--mount=type=bind,src=" + folder + ",dst=/mnt,readonly"),
                "cat /mnt/file; touch /mnt/new 2>/dev/null || true",
                "of the host\n");
        assertThat(folder.resolve("new")).doesNotExist();
        box(List.of("--mount=type=tmpfs,target=/mnt"), "/bin/true").failedWith(125, "type=bind");
    }

    @Test
    void a_path_that_ends_in_ro_can_be_meant() throws IOException {
        Path folder = shared("odd");
        assertThat(shell(List.of("-v", folder + ":/mnt:z"), "cat /mnt/file")).isEqualTo("of the host\n");
        box(List.of("-v", folder + ":/mnt:ro:rw"), "/bin/true").hasStatus(mode.startsWith("P") ? 125 : 0);
    }

    @Test
    void the_callers_home_is_shown_and_is_the_home_when_it_is_wanted() {
        String home = berth.home().toString();
        assertThat(shell(List.of("--bindhome"), "echo $HOME; pwd; ls -A " + home))
                .startsWith(home + "\n" + home + "\n")
                .contains(".udocker");
        assertThat(shell("ls -A " + home + " 2>/dev/null || true")).isEmpty();
    }

    @Test
    void the_accounts_are_the_containers_the_hosts_or_both() throws IOException {
        String host = Files.readAllLines(Path.of("/etc/passwd")).getFirst();
        assertThat(shell(List.of("--user=sailor"), "tail -n 1 /etc/passwd")).startsWith("sailor:x:20011:20011:");
        assertThat(shell(List.of("--user=sailor", "--hostauth"), "head -n 1 /etc/passwd; tail -n 1 /etc/passwd"))
                .startsWith(host + "\nsailor:x:20011:20011:");
        assertThat(shell(List.of("--hostauth"), "cat /etc/group")).isEqualTo(Files.readString(Path.of("/etc/group")));
        assertThat(shell(List.of("--user=4321", "--containerauth"), "id -u; grep -c 4321 /etc/passwd || true"))
                .isEqualTo("4321\n0\n");
        box(List.of("--hostauth", "--containerauth"), "/bin/true").failedWith(125, "exclude each other");
    }

    @Test
    void a_user_of_the_host_that_the_container_lacks_is_found() {
        assertThat(shell(List.of("--user=games", "--hostauth"), "id -un; echo $USER"))
                .isEqualTo("games\ngames\n");
        assertThat(shell(List.of("--user=sailor:games", "--hostauth"), "id -gn"))
                .isEqualTo("games\n");
    }

    @Test
    void variables_come_from_files_too() throws IOException {
        Path file = Files.writeString(
                berth.output().resolve("env-" + mode), "# comment\n\nFILE=a b\nGREETING=file\nMINE\n");
        Berth caller = berth.with("MINE", "my own");
        assertThat(caller.run(words(
                                List.of("--entrypoint=", "--env-file=" + file, "-e=SHORT=1"), "app", List.of("env")))
                        .hasStatus(0)
                        .out()
                        .lines())
                .contains("FILE=a b", "GREETING=from the image", "MINE=my own", "SHORT=1")
                .noneMatch(line -> line.startsWith("#"));
        box(List.of("--env-file=/no/such/file"), "/bin/true").failedWith(125, "/no/such/file");
        box(List.of("--env==x"), "/bin/true").failedWith(125, "no name");
    }

    @Test
    void a_variable_that_is_dropped_with_hostenv_comes_when_it_is_named() {
        Berth caller = berth.with("LD_LIBRARY_PATH", "/host/only").with("VTE_VERSION", "7");
        assertThat(caller.run(words(
                                List.of("--hostenv", "-e", "LD_LIBRARY_PATH", "--env=NOT_THERE"),
                                "box",
                                List.of("/bin/env")))
                        .hasStatus(0)
                        .out()
                        .lines())
                .contains("LD_LIBRARY_PATH=/host/only", "NOT_THERE=")
                .noneMatch(line -> line.startsWith("VTE_VERSION"));
    }

    @Test
    void the_program_is_told_what_udocker_tells() {
        assertThat(shell("env | sort"))
                .contains(
                        "container_execmode=" + mode + "\n",
                        "container_names=box\n",
                        "container_ruser=sailor\n",
                        "container_uuid=",
                        "container_root=" + berth.repository(),
                        "LOGNAME=root\n",
                        "PS1=",
                        "USER=root\n",
                        "USERNAME=root\n");
    }

    @Test
    void what_the_image_says_can_be_passed_over() {
        Result result = berth.run(words(List.of("--nometa"), "app", List.of("/bin/sh", "-c", "pwd; echo -$GREETING-")));
        result.hasStatus(0).wrote("/root\n--\n");
    }

    @Test
    void without_any_command_a_shell_is_started_and_told() {
        Result result = berth.input("echo from the shell; exit 3\n").run(words(List.of("--nometa"), "box", List.of()));
        result.hasStatus(3).wrote("from the shell\n");
        assertThat(result.err()).contains("/bin/sh").hasLineCount(1);
    }

    @Test
    void a_tree_that_is_no_container_can_be_run() {
        String option = "--location=" + berth.repository().resolve("containers/box/ROOT");
        for (List<String> words : List.of(
                List.of("/bin/echo", "x"),
                List.of("echo", "x"),
                List.of("dummy", "/bin/echo", "x"),
                List.of("--", "echo", "x"))) {
            berth.run(words(List.of(option), words.getFirst(), words.subList(1, words.size())))
                    .hasStatus(0)
                    .wrote("x\n");
        }
        assertThat(berth.run(words(List.of(option, "-e=A=1"), "sh", List.of("-c", "echo $A; pwd; exit 3")))
                        .hasStatus(3)
                        .out())
                .isEqualTo("1\n/root\n");
        berth.run(words(List.of("--location=/no/such/tree"), "echo", List.of("x")))
                .failedWith(125, "/no/such/tree");
    }

    @Test
    void options_for_dockers_users_are_accepted_together_or_apart() {
        box(List.of("-it"), "/bin/echo", "x").hasStatus(0).wrote("x\n");
        box(List.of("-i", "-t", "-a"), "/bin/echo", "-it").hasStatus(0).wrote("-it\n");
        assertThat(shell(List.of("-itw", "/tmp", "-e=A=b"), "pwd; echo $A")).isEqualTo("/tmp\nb\n");
        Result result = box(
                        List.of("--dns=1.2.3.4", "--dns", "::1", "--dns-search=lab", "--volumes-from=x"),
                        "/bin/echo",
                        "x")
                .hasStatus(0)
                .wrote("x\n");
        assertThat(result.err().lines()).hasSize(3).allMatch(line -> line.contains("no effect"));
    }

    @Test
    void the_first_of_a_repeated_single_option_counts() {
        assertThat(shell(List.of("--workdir=/tmp", "-w", "/bin"), "pwd")).isEqualTo("/tmp\n");
    }

    // --- which container

    @Test
    void name_x_in_two_words_is_the_name() {
        List<String> before = containers();
        String name = "two-words-" + mode;
        berth.run(words(List.of("--name", name, "--pull", "missing"), app, List.of("x")))
                .hasStatus(0)
                .wrote("entry x\n");
        assertThat(containers()).hasSize(before.size() + 2).contains(name);
        berth.succeed("rm", name);
    }

    @Test
    void a_container_that_is_here_gets_a_further_name_unless_the_run_is_refused() {
        String name = "further-" + mode;
        box(List.of("--name=" + name, "--volume=/no/such:/x"), "/bin/true").failedWith(125, "/no/such");
        assertThat(containers()).doesNotContain(name);
        assertThat(shell(List.of("--name=" + name), "echo $container_names")
                        .strip()
                        .split(","))
                .contains("box", name);
        box(List.of("--name=" + name), "/bin/true").failedWith(125, name, "taken");
        box(List.of("--name=" + name, "--pull=reuse"), "/bin/true").hasStatus(0);
        Host.run("rm", berth.repository().resolve("containers/" + name).toString());
    }

    @Test
    void an_image_is_fetched_when_it_is_missing_never_or_always_and_one_container_is_made() {
        List<String> before = containers();
        berth.run(words(List.of("--pull=never"), app + ":none", List.of("x")))
                .failedWith(125, app, "not to be fetched");
        berth.run(words(List.of("--pull=sometimes"), app, List.of("x"))).failedWith(125, "sometimes");
        assertThat(containers()).isEqualTo(before);

        String name = "always-" + mode;
        berth.run(words(List.of("--pull=always", "--name=" + name), app, List.of("x")))
                .hasStatus(0)
                .wrote("entry x\n");
        assertThat(containers()).as("one container and its name").hasSize(before.size() + 2);

        berth.run(words(List.of("--pull=reuse", "--name=" + name), app, List.of("y")))
                .hasStatus(0)
                .wrote("entry y\n");
        assertThat(containers()).hasSize(before.size() + 2);
        berth.succeed("rm", name);
    }

    @Test
    void an_image_that_is_missing_is_fetched_in_a_jvm_that_suits_it_and_then_run() {
        Berth fresh = lab.user();
        fresh.run(words(List.of("--name=new", "--platform=linux/amd64"), app, List.of("a b", "")))
                .hasStatus(0)
                .wrote("entry a b \n");
        fresh.run(words(List.of("--platform=linux/s390x"), app, List.of("x"))).hasStatus(125);
        fresh.run(words(List.of("--registry=http://127.0.0.1:1"), "nosuch/image", List.of("x")))
                .failedWith(125, "127.0.0.1:1");
    }

    @Test
    void rm_spares_a_container_that_is_protected() throws IOException {
        String name = "kept-" + mode;
        berth.succeed("create", "--name=" + name, app);
        Path mark = Files.createFile(berth.repository().resolve("containers/" + name + "/PROTECT"));

        Result result = berth.run(words(List.of("--rm"), name, List.of("x")))
                .hasStatus(0)
                .wrote("entry x\n");

        assertThat(result.err()).contains("protected").hasLineCount(1);
        assertThat(containers()).contains(name);
        Files.delete(mark);
        berth.run(words(List.of("--rm"), name, List.of("x"))).hasStatus(0).wrote("entry x\n");
        assertThat(containers()).doesNotContain(name);
    }

    @Test
    void a_container_in_a_repository_of_somebody_else_can_be_run_and_is_not_changed() {
        Path central = lab.folder("central");
        Host.run("cp", "-a", berth.repository() + "/.", central.toString());
        Host.run("chown", "-hR", "0:0", central.toString());
        Host.run("rm", "-rf", central.resolve(".berth").toString());
        String before = Host.run("find", central.toString(), "-ls");
        Berth guest = lab.user().with("UDOCKER_DIR", central.toString());

        guest.run(words(
                        List.of("--user=sailor"),
                        "box",
                        List.of("/bin/sh", "-c", "whoami; cat /etc/os-release | wc -l")))
                .hasStatus(0);
        guest.run(words(List.of("--volume=/etc:/not/there/yet"), "box", List.of("/bin/ls", "/not/there/yet/passwd")))
                .hasStatus(0)
                .wrote("/not/there/yet/passwd\n");

        assertThat(Host.run("find", central.toString(), "-ls")).isEqualTo(before);
    }

    // --- what udocker gets wrong in batch

    @Test
    void output_through_a_pipe_is_byte_for_byte_the_programs() {
        assertThat(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done")
                        .lines())
                .hasSize(20000)
                .last()
                .isEqualTo("line 19999");
        assertThat(shell("printf '\\303\\244\\r\\n\\377' | od -An -tx1; printf 'gr\\303\\274n'"))
                .isEqualTo(" c3 a4 0d 0a ff\ngr\u00fcn");
    }

    @Test
    void term_leaves_no_process_and_no_file() {
        shell("true");
        List<String> before = files();
        Running running = start(berth, List.of("--user=sailor"), "echo ready; exec sleep 60");
        running.awaitOutput("ready");
        List<ProcessHandle> all = running.process().descendants().toList();

        running.signal("TERM").await().hasStatus(143);

        Host.waitUntil("the end of all of its processes", () -> all.stream().noneMatch(ProcessHandle::isAlive));
        shell(List.of("--user=sailor"), "true");
        assertThat(files()).hasSizeLessThanOrEqualTo(before.size() + 2);
    }

    /// In the box's own folder and in the repository's, but for the tree.
    private List<String> files() {
        return Host.run(
                        "find",
                        berth.repository() + "/.berth",
                        berth.repository() + "/containers/box/",
                        "-name",
                        "ROOT",
                        "-prune",
                        "-o",
                        "-type",
                        "f",
                        "-print")
                .lines()
                .toList();
    }

    @Test
    void the_banner_is_for_terminals_only() {
        assertThat(box("/bin/true").hasStatus(0).err()).isEmpty();
        String run = "$1 run --mode=" + mode + " %s box /bin/echo done";
        Berth on = berth.after("exec script -qec \"" + run.formatted("") + "\" /dev/null");
        assertThat(on.run().hasStatus(0).out())
                .contains("STARTING ", (mode.startsWith("P") ? "*" : "%").repeat(78), "executing: /bin/echo")
                .endsWith("done\r\n");
        assertThat(berth.after("exec script -qec \"" + run.formatted("--nobanner") + "\" /dev/null")
                        .run()
                        .hasStatus(0)
                        .out())
                .isEqualTo("done\r\n");
    }

    @Test
    void a_jvm_that_cannot_start_is_not_taken_for_the_program() {
        Result result =
                box(berth.with("BERTH_JAVA_OPTS", "-Xmx1k -Xms2g"), "/bin/true").hasStatus(125);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isNotEmpty();
    }

    // --- exec

    @Test
    void a_command_joins_a_container_that_runs() throws IOException {
        Path folder = shared("joined");
        Running running = start(
                berth,
                List.of("--env=GIVEN=1", "--volume=" + folder + ":/mnt", "--user=sailor", "-w", "/tmp"),
                "echo ready; until [ -e /mnt/done ]; do sleep 0.1; done; cat /mnt/done; exit 4");
        running.awaitOutput("ready");

        Result result = berth.input("word")
                .run(
                        "exec",
                        "-e",
                        "MORE=2",
                        "-it",
                        "box",
                        "/bin/sh",
                        "-c",
                        "echo $GIVEN $MORE; whoami; pwd; cat; cat /mnt/file; touch /mnt/new; exit 6");
        result.hasStatus(6).wrote("1 2\nsailor\n/tmp\nwordof the host\n");
        berth.run("exec", "--workdir=/mnt", "box", "/bin/ls").hasStatus(0).wrote("file\nnew\n");
        berth.run("exec", "box", "no-such-program").failedWith(127, "no-such-program");
        Result other = berth.run("exec", "--user=0", "box", "/bin/id", "-u");
        if (mode.startsWith("P")) {
            other.hasStatus(0).wrote("0\n");
        } else {
            other.failedWith(125, "uid 0", "uid 20011");
        }
        berth.run("exec", "box", "/bin/sh", "-c", "echo all > /mnt/done").hasStatus(0);
        running.await().hasStatus(4).wrote("ready\nall\n");
        berth.run("exec", "box", "/bin/true").failedWith(125, "does not run");
    }

    @Test
    void a_container_that_is_removed_afterwards_can_be_joined_while_it_runs() {
        String name = "joined-" + mode.toLowerCase(java.util.Locale.ROOT);
        Running running = berth.start(words(
                List.of("--rm", "--name=" + name, "--entrypoint="),
                app,
                List.of("/bin/sh", "-c", "echo ready; until [ -e /tmp/done ]; do sleep 0.1; done; exit 5")));
        running.awaitOutput("ready");

        berth.run("exec", name, "touch", "/tmp/done").hasStatus(0).isSilent();

        running.await().hasStatus(5);
        assertThat(containers()).doesNotContain(name);
    }
}
