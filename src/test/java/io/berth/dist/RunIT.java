package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
@ValueSource(strings = {"R1", "P2"})
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
    void bytes_of_an_argument_that_are_not_utf8_are_refused_and_not_changed() {
        String[] words = words(List.of(), "box", List.of("/bin/printf"));
        berth.after("set -- \"$@\" \"$(printf 'a\\377b')\"").run(words).failedWith(125, "UTF-8");
        berth.after("set -- \"$@\" \"$(printf 'a\\303')\"").run(words).failedWith(125, "UTF-8");
        berth.after("set -- \"$@\" \"$(printf 'caf\\303\\251')\"")
                .run(words)
                .hasStatus(0)
                .wrote("caf\u00e9");
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
        if (mode.equals("P2")) {
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
    void sixteen_runs_of_one_container_at_once() {
        List<Running> runs = new ArrayList<>();
        for (int rank = 0; rank < 16; rank++) {
            runs.add(start(
                    berth.with("PMI_RANK", "" + rank),
                    List.of("--user=20011"),
                    "echo $PMI_RANK; whoami; exit $PMI_RANK"));
        }
        for (int rank = 0; rank < 16; rank++) {
            runs.get(rank).await().hasStatus(rank).wrote(rank + "\nsailor\n");
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
}
