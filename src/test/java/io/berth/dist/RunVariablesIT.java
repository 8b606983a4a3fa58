package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth run`: the environment, the working directory, the entry point.
@ParameterizedClass
@ValueSource(strings = {"R1", "R1/crun", "P1"})
class RunVariablesIT extends RunCases {
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

    @Test
    void variables_come_from_files_too() throws IOException {
        Path file = Files.writeString(
                berth.output().resolve("env-" + mode()), "# comment\n\nFILE=a b\nGREETING=file\nMINE\n");
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
                        "container_execmode=" + mode() + "\n",
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

    @Test
    void without_any_command_a_shell_is_started_and_told() {
        Result result = berth.input("echo from the shell; exit 3\n").run(words(List.of("--nometa"), "box", List.of()));
        result.hasStatus(3).wrote("from the shell\n");
        assertThat(result.err()).contains("/bin/sh").hasLineCount(1);
    }

    @Test
    void the_first_of_a_repeated_single_option_counts() {
        assertThat(shell(List.of("--workdir=/tmp", "-w", "/bin"), "pwd")).isEqualTo("/tmp\n");
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
}
