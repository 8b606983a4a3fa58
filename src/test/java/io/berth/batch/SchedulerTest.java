package io.berth.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.Golden;
import io.berth.fault.Fault;
import io.berth.image.ImageReference;
import io.berth.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The same job in the words of each batch system.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SchedulerTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Optional<String> NONE = Optional.empty();
    private static final ImageReference PINNED =
            ImageReference.parse("r.example.org:5000/lab/solver@sha256:" + "0123456789abcdef".repeat(4));

    @TempDir
    Path folder;

    private static Optional<String> of(String text) {
        return Optional.of(text);
    }

    /// What every system has a word for, or none but one.
    private static Resources resources(String nodes, String tasks, String perNode) {
        return new Resources(
                of(nodes).filter(text -> !text.isEmpty()),
                of(tasks).filter(text -> !text.isEmpty()),
                of(perNode).filter(text -> !text.isEmpty()),
                of("2"),
                of("4G"),
                of("1-02:30"),
                NONE,
                of("proj 7"),
                of("1-9:2%3"),
                of("1"),
                of("mesh"),
                of("out.txt"),
                List.of());
    }

    private static String script(String scheduler, Resources resources, Optional<String> mpi, String... command) {
        return JobScript.of(
                new JobRequest(
                        Scheduler.named(scheduler),
                        PINNED,
                        "lab/solver:2",
                        resources,
                        mpi,
                        List.of("--volume=/data:/in:ro"),
                        List.of(command)),
                Path.of("/opt/berth"),
                Path.of("/scratch"),
                "1.2.3");
    }

    private static String golden(String scheduler) {
        return switch (scheduler) {
            case "gridengine" -> script(scheduler, resources("", "12", ""), of("openmpi"), "solver", "a b");
            case "htcondor" ->
                script(scheduler, resources("", "", ""), NONE, "sh", "-c", "echo \"$HOME\" 'x'; exit 3", "");
            default -> script(scheduler, resources("3", "12", ""), of("mpich"), "solver", "a b");
        };
    }

    @ParameterizedTest
    @CsvSource({"gridengine,qsub", "pbs,qsub", "lsf,bsub", "htcondor,sub"})
    void a_script_is_as_it_was_reviewed(String scheduler, String suffix) {
        Golden.check("job-" + scheduler + "." + suffix, golden(scheduler));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gridengine", "pbs", "lsf"})
    void shellcheck_has_nothing_to_say(String scheduler) throws IOException {
        Path file = Files.writeString(folder.resolve("job.sh"), golden(scheduler));

        assertThat(Command.run(List.of("shellcheck", "--norc", file.toString()), LIMIT)
                        .output())
                .isEmpty();
    }

    /// The words of the command as the shell gets them once condor has undone its own quoting.
    @Test
    void the_line_of_htcondor_is_the_script() throws IOException {
        String arguments = golden("htcondor")
                .lines()
                .filter(line -> line.startsWith("arguments = "))
                .findFirst()
                .orElseThrow();
        Matcher word =
                java.util.regex.Pattern.compile("arguments = \"-c '(.*)'\"").matcher(arguments);
        assertThat(word.matches()).isTrue();
        String text =
                word.group(1).replace("$(DOLLAR)", "$").replace("\"\"", "\"").replace("''", "'");
        Path berth = Files.createDirectories(folder.resolve("b"));
        for (String program : List.of("bin/berth", "libexec/berth-exec")) {
            Path file = berth.resolve(program);
            Files.createDirectories(file.resolveSibling(""));
            Files.writeString(file, "#!/bin/sh\nfor word do printf '<%s>' \"$word\"; done\nprintf '\\n'\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }

        Command.Result result = Command.run(
                List.of("env", "BERTH_JOB_ID=condor-4-5", "sh", "-c", text.replace("/opt/berth", berth.toString())),
                LIMIT);

        assertThat(result.output())
                .contains("<node><prepare><--volume=/data:/in:ro><" + PINNED + ">\n")
                .contains("/jobs/condor-4-5.0/run/plan><--><sh><-c><echo \"$HOME\" 'x'; exit 3><>\n")
                .endsWith("<node><release>\n");
        assertThat(result.status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "90,5400",
        "90:30,5430",
        "1:02:03,3723",
        "2-3,183600",
        "2-3:04,183840",
        "2-3:04:05,183845",
        "0,0",
    })
    void time_limits_are_those_of_sbatch(String text, long seconds) {
        assertThat(Amounts.time(text)).hasSeconds(seconds);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1:2:3:4", "-1", "1-", "99999999999999999999"})
    void what_is_no_time_limit_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> Amounts.time(text));
    }

    @ParameterizedTest
    @CsvSource({"4000,4000", "4G,4096", "1T,1048576", "2048k,2", "1K,1", "8GB,8192"})
    void memory_is_in_megabytes(String text, long megabytes) {
        assertThat(Amounts.megabytes(text)).isEqualTo(megabytes);
    }

    @Test
    void what_a_batch_system_has_no_word_for_is_refused() {
        Faults.expect(Fault.BAD_INPUT, () -> script("gridengine", resources("2", "", ""), NONE));
        Faults.expect(Fault.BAD_INPUT, () -> script("htcondor", resources("", "2", ""), NONE));
        Faults.expect(Fault.BAD_INPUT, () -> script("pbs", Resources.of(List.of("--hold")), NONE));
        Faults.expect(Fault.BAD_INPUT, () -> script("htcondor", Resources.of(List.of()), NONE, "a\nb"));
        Faults.expect(Fault.BAD_INPUT, () -> script("lsf", Resources.of(List.of()), of("pmix")));
        Faults.expect(Fault.BAD_INPUT, () -> script("slurm", Resources.of(List.of()), of("openmpi")));
        Faults.expect(Fault.BAD_INPUT, () -> Scheduler.named("cron"));
    }

    @Test
    void a_job_that_waits_for_its_image_keeps_what_else_it_waits_for() {
        assertThat(Slurm.after(Resources.of(List.of("--dependency=singleton", "--dependency=afterany:3")), "41")
                        .directives())
                .endsWith("--dependency=afterok:41,afterany:3", "--kill-on-invalid-dep=yes");
        assertThat(Slurm.after(Resources.of(List.of("--hold")), "41").directives())
                .containsExactly("--hold", "--dependency=afterok:41", "--kill-on-invalid-dep=yes");
        Faults.expect(
                Fault.BAD_INPUT, () -> Slurm.after(Resources.of(List.of("--dependency=afterok:3?afterok:4")), "41"));
    }

    @ParameterizedTest
    @CsvSource({
        "batch* infinite|short 10:00,false,60",
        "batch* infinite|short 10:00,true,10",
        "batch 5:00|short* 1-00:00:00,false,60",
        "batch 5:00|short* 30:00,false,30",
        "n/a n/a,true,60",
        "'',true,60",
    })
    void a_job_that_fetches_asks_for_no_more_time_than_its_partition_gives(String answer, boolean named, int minutes) {
        assertThat(Slurm.shortest(answer.replace('|', '\n'), named)).hasMinutes(minutes);
    }

    @ParameterizedTest
    @CsvSource({
        "slurm,12;cluster,12",
        "slurm,13,13",
        "gridengine,14,14",
        "gridengine,15.1-10:1,15",
        "pbs,16.server.example,16.server.example",
        "pbs,17[].server,17[].server",
        "lsf,Job <18> is submitted to queue <normal>.,18",
        "htcondor,19.0 - 19.9,19.0",
    })
    void the_answer_holds_the_id(String scheduler, String answer, String id) {
        Matcher matcher = Scheduler.named(scheduler).answer().matcher("note\n" + answer + "\n");
        assertThat(matcher.find()).isTrue();
        assertThat(matcher.group(1)).isEqualTo(id);
    }

    @Test
    void jobs_of_other_batch_systems_are_known() {
        assertThat(JobEnvironment.isForeign("ge-12-3")).isTrue();
        assertThat(JobEnvironment.isForeign("12_3")).isFalse();
        assertThat(JobEnvironment.isForeign("local-99")).isFalse();
    }

    @Test
    void where_no_slurm_is_reached_no_option_is_blamed() {
        Scheduler slurm = Scheduler.named("slurm");

        assertThat(slurm.advice("fatal: Could not establish a configuration source"))
                .contains("berth job run");
        assertThat(slurm.advice("error: invalid partition specified: x")).contains("correct the options");
    }
}
