package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.store.RepositoryLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run`: which container is run, made, named and removed; joining one that runs.
@ParameterizedClass
@ValueSource(strings = {"R1", "P1", "R3"})
class RunContainersIT extends RunCases {
    @Test
    void what_a_program_writes_stays_in_its_container() {
        shell("echo kept > /tmp/kept-" + mode());
        assertThat(shell("cat /tmp/kept-" + mode())).isEqualTo("kept\n");
    }

    @Test
    void a_name_is_given_to_a_new_container_and_can_be_run_again() {
        String name = "named-" + mode().toLowerCase(java.util.Locale.ROOT);
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
        String out = berth.succeed("explain", "--mode=" + mode(), "box", "/bin/touch", "/tmp/explained")
                .out();
        assertThat(out).contains("mode " + mode(), "/bin/touch");
        assertThat(shell("ls /tmp")).doesNotContain("explained");
    }

    @Test
    void explaining_an_image_leaves_no_container() {
        List<String> before = containers();

        assertThat(berth.succeed("explain", "--mode=" + mode(), app, "/bin/true")
                        .out())
                .contains("mode " + mode());

        assertThat(containers()).isEqualTo(before);
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
    void name_x_in_two_words_is_the_name() {
        List<String> before = containers();
        String name = "two-words-" + mode();
        berth.run(words(List.of("--name", name, "--pull", "missing"), app, List.of("x")))
                .hasStatus(0)
                .wrote("entry x\n");
        assertThat(containers()).hasSize(before.size() + 2).contains(name);
        berth.succeed("rm", name);
    }

    @Test
    void a_container_that_is_here_gets_a_further_name_unless_the_run_is_refused() {
        String name = "further-" + mode();
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

        String name = "always-" + mode();
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
        String name = "kept-" + mode();
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

    @Test
    void the_banner_is_for_terminals_only() {
        assertThat(box("/bin/true").hasStatus(0).err()).isEmpty();
        String run = "$1 run --mode=" + mode() + " %s box /bin/echo done";
        Berth on = berth.after("exec script -qec \"" + run.formatted("") + "\" /dev/null");
        assertThat(on.run().hasStatus(0).out())
                .contains("STARTING ", (mode().startsWith("P") ? "*" : "%").repeat(78), "executing: /bin/echo")
                .endsWith("done\r\n");
        assertThat(berth.after("exec script -qec \"" + run.formatted("--nobanner") + "\" /dev/null")
                        .run()
                        .hasStatus(0)
                        .out())
                .isEqualTo("done\r\n");
    }

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
        if (mode().startsWith("P")) {
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
        String name = "joined-" + mode().toLowerCase(java.util.Locale.ROOT);
        Running running = berth.start(words(
                List.of("--rm", "--name=" + name, "--entrypoint="),
                app,
                List.of("/bin/sh", "-c", "echo ready; until [ -e /tmp/done ]; do sleep 0.1; done; exit 5")));
        running.awaitOutput("ready");

        berth.run("exec", name, "touch", "/tmp/done").hasStatus(0).isSilent();

        running.await().hasStatus(5);
        assertThat(containers()).doesNotContain(name);
    }

    @Test
    void an_image_for_another_processor_is_refused_where_nothing_emulates_it_and_else_runs() throws IOException {
        String name = "foreign-" + mode();
        berth.succeed("create", "--name=" + name, app);
        Path container = berth.repository().resolve("containers/" + name).toRealPath();
        Path config = container.resolve("container.json");
        Files.writeString(
                config, Files.readString(config).replaceAll("(\"architecture\": ?)\"[^\"]*\"", "$1\"riscv64\""));
        berth.run(words(List.of("--entrypoint="), name, List.of("echo", "x")))
                .hasStatus(0)
                .wrote("x\n");

        byte[] program = Files.readAllBytes(container.resolve("ROOT/bin/busybox"));
        program[18] = (byte) 243; // e_machine: RISC-V
        Files.delete(container.resolve("ROOT/bin/busybox"));
        Files.write(container.resolve("ROOT/bin/busybox"), program);
        berth.run(words(List.of("--entrypoint="), name, List.of("echo", "x")))
                .failedWith(125, "run programs for riscv64");
        if (mode().equals("R1")) {
            Files.write(container.resolve("ROOT/bin/alien"), program);
            Files.setPosixFilePermissions(
                    container.resolve("ROOT/bin/alien"), PosixFilePermissions.fromString("rwxr-xr-x"));
            Path emulator = berth.repository().resolve("bin/qemu-riscv64-static-" + RepositoryLayout.architecture());
            Host.run("gcc", "-D_GNU_SOURCE", "-static", "-O1", "-o", emulator.toString(), "src/test/c/guest.c");
            berth.run(words(List.of("--entrypoint="), name, List.of("/bin/alien", "args", "x")))
                    .hasStatus(0)
                    .wrote("1[x]\n");
            Files.delete(emulator);
        }
        berth.succeed("rm", name);
    }
}
