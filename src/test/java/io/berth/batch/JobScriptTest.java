package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.image.ImageReference;
import io.berth.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JobScriptTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final ImageReference PINNED =
            ImageReference.parse("r.example.org:5000/lab/solver@sha256:" + "0123456789abcdef".repeat(4));

    @TempDir
    Path folder;

    private static final Optional<String> NONE = Optional.empty();

    private static JobRequest request(String name) {
        return switch (name) {
            case "plain" -> job("slurm", Resources.of(List.of()), NONE, List.of(), List.of());
            case "mpi" ->
                job(
                        "slurm",
                        Resources.of(List.of("--nodes=3", "--ntasks=12", "--time=01:00:00")),
                        Optional.of("pmix"),
                        List.of("--volume=/data:/in:ro", "--mode=R1"),
                        List.of("solver", "--input", "/in/mesh"));
            case "quoted" ->
                new JobRequest(
                        Scheduler.named("slurm"),
                        PINNED,
                        "lab/solver:2\n#SBATCH --nodes=99",
                        Resources.of(List.of("--comment={no}-hole")),
                        Optional.of("pmi2"),
                        List.of("--env=A=it's $HOME"),
                        List.of("sh", "-c", "echo \"$SLURM_PROCID\" `id`; exit {1}", "", "a'b", "*"));
            default -> throw new IllegalArgumentException(name);
        };
    }

    private static JobRequest job(
            String scheduler, Resources resources, Optional<String> mpi, List<String> prepare, List<String> command) {
        return new JobRequest(Scheduler.named(scheduler), PINNED, "lab/solver:2", resources, mpi, prepare, command);
    }

    private static String script(String name) {
        String home = name.equals("quoted") ? "/opt/my berth's" : "/opt/berth";
        return JobScript.of(request(name), Path.of(home), Path.of("/scratch"), "1.2.3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "mpi", "quoted"})
    void a_script_is_as_it_was_reviewed(String name) {
        Golden.check("job-" + name + ".sbatch", script(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "mpi", "quoted"})
    void a_script_is_a_shell_script(String name) throws IOException {
        Path file = Files.writeString(folder.resolve("job.sh"), script(name));

        assertThat(Command.run(List.of("sh", "-n", file.toString()), LIMIT))
                .satisfies(result -> assertThat(result.output()).isEmpty())
                .satisfies(result -> assertThat(result.status()).isZero());
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "mpi", "quoted"})
    void shellcheck_has_nothing_to_say(String name) throws IOException {
        assumeTrue(Command.find("shellcheck", System.getenv("PATH")).isPresent(), "shellcheck is not installed");
        Path file = Files.writeString(folder.resolve("job.sh"), script(name));

        // quotes in words of the user are kept on purpose
        String kept = name.equals("quoted") ? "--exclude=SC2016,SC2089,SC2090" : "--severity=style";

        assertThat(Command.run(List.of("shellcheck", "--norc", kept, file.toString()), LIMIT)
                        .output())
                .isEmpty();
    }

    @Test
    void a_job_that_only_fetches_asks_for_little() {
        Resources much = new Resources(
                Optional.of("9"),
                Optional.of("99"),
                NONE,
                NONE,
                Optional.of("900G"),
                NONE,
                Optional.of("gpu"),
                Optional.of("proj 7"),
                NONE,
                Optional.of("8"),
                NONE,
                NONE,
                List.of("--exclusive", "--qos=long", "--chdir=/run 7"));
        JobRequest request = job("slurm", much, NONE, List.of("--volume=/data"), List.of("solver"));

        Golden.check(
                "job-prefetch.sbatch",
                JobScript.prefetch(request, Path.of("/opt/berth"), "1.2.3", Duration.ofMinutes(10)));
        Faults.expect(
                Fault.BAD_INPUT,
                () -> JobScript.prefetch(
                        job("pbs", much, NONE, List.of(), List.of()), Path.of("/opt/berth"), "1.2.3", LIMIT));
    }

    @Test
    void nothing_of_the_template_is_left() {
        assertThat(script("mpi").lines())
                .noneMatch(line -> line.startsWith("##"))
                .noneMatch(line -> line.contains("{berth}") || line.contains("{mpi}") || line.contains("\\{"))
                .startsWith("#!/bin/sh", "#SBATCH --nodes=3", "#SBATCH --ntasks=12");
    }

    private Path program(String name, String body) throws IOException {
        Path program = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(program, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        return program;
    }

    /// The words must arrive, not only parse: a fake srun shows what it was given.
    @Test
    void the_command_arrives_as_it_was_given() throws IOException {
        Path srun = program("srun", "{ for word do printf '<%s>' \"$word\"; done; echo; } >>'" + folder + "/said'");
        String text = script("quoted")
                .lines()
                .filter(line -> !line.contains("--quiet pull"))
                .reduce("", (all, line) -> all + line + "\n");
        Path file = Files.writeString(folder.resolve("job.sh"), text);

        Command.Result result = Command.run(
                List.of("env", "BERTH_SRUN=" + srun, "SLURM_JOB_ID=5", "SLURM_JOB_NUM_NODES=1", "sh", file.toString()),
                LIMIT);

        assertThat(result.status()).isZero();
        assertThat(Files.readString(folder.resolve("said")))
                .contains("<--mpi=pmi2>")
                .contains("</opt/my berth's/libexec/berth-exec>")
                .contains("/jobs/5.0/run/plan><--><sh><-c><echo \"$SLURM_PROCID\" `id`; exit {1}><><a'b><*>\n")
                .contains("<node><prepare><--mpi=pmi2><--ranks=1><--nodes=1><--able><--env=A=it's $HOME><" + PINNED
                        + ">\n")
                .endsWith("<node><release>\n");
    }

    /// What two nodes say they can do, a fake srun says for them.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            n1 R1,P1 x  | n2 R1 P1: none | run
            n1 R1,P1 x  | n2 P1 R1: none | run-P1
            """)
    void where_nodes_differ_they_prepare_again_for_what_they_agree_on(String one, String other, String step)
            throws IOException {
        Files.createDirectories(folder.resolve("bin"));
        program("bin/berth", "case \"$*\" in *agree) cat >'" + folder + "/asked'; echo P1;; esac");
        Path srun = program(
                "srun",
                "echo \"$*\" >>'" + folder + "/said'\ncase \"$*\" in *--able*) echo '" + one + "'; echo '" + other
                        + "';; esac");
        JobRequest request = job("slurm", Resources.of(List.of()), Optional.of("pmi2"), List.of(), List.of("app"));
        Path file = Files.writeString(folder.resolve("job.sh"), JobScript.of(request, folder, Path.of("/s"), "1"));

        Command.Result result = Command.run(
                List.of("env", "BERTH_SRUN=" + srun, "SLURM_JOB_ID=5", "SLURM_JOB_NUM_NODES=2", "sh", file.toString()),
                LIMIT);

        String said = Files.readString(folder.resolve("said"));
        assertThat(result.status()).isZero();
        assertThat(said).contains("/jobs/5.0/" + step + "/plan -- app");
        assertThat(said.contains("--step=run-P1 --agreed=P1")).isEqualTo(!step.equals("run"));
        assertThat(Files.exists(folder.resolve("asked"))).isEqualTo(!step.equals("run"));
    }

    /// Empty: the image has no MPI, and the site's own will do.
    @ParameterizedTest
    @ValueSource(strings = {"pmix", ""})
    void ranks_are_started_by_what_the_nodes_found_in_the_image(String found) throws IOException {
        String id = Command.run(List.of("id", "-u"), LIMIT).output().strip();
        Path step = Files.createDirectories(folder.resolve("berth-" + id + "/jobs/5.0/run"));
        Files.writeString(step.resolve("mpi"), found + "\n");
        Files.createDirectories(folder.resolve("bin"));
        program("bin/berth", "");
        Path srun = program("srun", "echo \"$*\" >>'" + folder + "/said'");
        JobRequest request = job("slurm", Resources.of(List.of()), NONE, List.of(), List.of("app"));
        Path file = Files.writeString(folder.resolve("job.sh"), JobScript.of(request, folder, folder, "1"));

        Command.Result result = Command.run(
                List.of("env", "BERTH_SRUN=" + srun, "SLURM_JOB_ID=5", "SLURM_JOB_NUM_NODES=1", "sh", file.toString()),
                LIMIT);

        assertThat(result.status()).isZero();
        assertThat(Files.readAllLines(folder.resolve("said")))
                .anyMatch(line -> line.contains("node prepare --mpi=auto"))
                .anyMatch(line ->
                        line.startsWith((found.isEmpty() ? "" : "--mpi=" + found + " ") + "--kill-on-bad-exit=1 ")
                                && line.endsWith("/plan -- app"));
    }

    @Test
    void an_option_that_sbatch_would_split_is_quoted() {
        List<String> directives =
                List.of("--job-name=two words", "--comment=a \"b\" \\c #d", "--array=0-3%2", "--hold");
        JobRequest request = job("slurm", Resources.of(directives), NONE, List.of(), List.of());

        assertThat(JobScript.of(request, Path.of("/o"), Path.of("/s"), "1"))
                .contains("#SBATCH --job-name=\"two words\"\n")
                .contains("#SBATCH --comment=\"a \\\"b\\\" \\\\c #d\"\n")
                .contains("#SBATCH --array=0-3%2\n#SBATCH --hold\n");
    }

    @Test
    void an_option_with_a_line_break_is_refused() {
        JobRequest request =
                job("slurm", Resources.of(List.of("--comment=a\n#SBATCH --nodes=9")), NONE, List.of(), List.of());

        Faults.expect(Fault.BAD_INPUT, () -> JobScript.of(request, Path.of("/o"), Path.of("/s"), "1"));
    }
}
