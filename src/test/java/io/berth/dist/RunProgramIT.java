package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run`: what reaches the program of words, input and descriptors, and what comes back.
@ParameterizedClass
@ValueSource(strings = {"R1", "R1/crun", "R1/runc", "P1", "P2", "R2", "R3"})
class RunProgramIT extends RunCases {
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
        Berth on = berth.after("exec script -qec \"$1 run " + String.join(" ", modeOptions())
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
        String user = way.endsWith("runc") ? "--user=root" : "--user=sailor";
        shell("true");
        List<String> before = files();
        Running running = start(berth, List.of(user), "echo ready; exec sleep 60");
        running.awaitOutput("ready");
        List<ProcessHandle> all = running.process().descendants().toList();

        running.signal("TERM").await().hasStatus(143);

        Host.waitUntil("the end of all of its processes", () -> all.stream().noneMatch(ProcessHandle::isAlive));
        shell(List.of(user), "true");
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
    void a_jvm_that_cannot_start_is_not_taken_for_the_program() {
        Result result =
                box(berth.with("BERTH_JAVA_OPTS", "-Xmx1k -Xms2g"), "/bin/true").hasStatus(125);
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).isNotEmpty();
    }
}
