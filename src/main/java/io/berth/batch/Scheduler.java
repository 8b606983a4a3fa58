package io.berth.batch;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// A batch system: how a job says there what it needs, and how it is handed over. Batch systems distribute; berth
/// never does.
public interface Scheduler {
    /// What programs say whose server does not answer.
    ///
    /// Source: sbatch of Slurm 22.05 says the first; the others are guesses at its kin.
    Pattern SILENT = Pattern.compile(
            "(?i)unable to contact|(cannot|can't|unable to) connect|connection refused|timed out|not responding");

    /// As the user calls it.
    String name();

    /// Of the file below `job-templates`.
    String template();

    /// Errors: BAD_INPUT for what this batch system has no word for.
    ///
    /// @return complete lines of the job script
    List<String> directives(Resources resources);

    /// How ranks may be started and find each other, besides `none`: the values of `--mpi`.
    List<String> launchers();

    /// The program that takes the script.
    String program();

    /// The command that hands it over.
    List<String> submission(Path script);

    /// Finds the job's id in its answer.
    Pattern answer();

    /// Errors: BAD_INPUT.
    static Scheduler named(String name) {
        List<Scheduler> all = List.of(new Slurm(), new GridEngine(), new Pbs(), new Lsf(), new HtCondor());
        return all.stream()
                .filter(scheduler -> scheduler.name().equals(name))
                .findFirst()
                .orElseThrow(() -> FaultException.badInput(
                        "reading scheduler '" + name + "': it is not known",
                        "one of " + all.stream().map(Scheduler::name).collect(Collectors.joining(", "))));
    }

    /// Errors: BAD_INPUT for what a script of this batch system cannot hold. Options of sbatch are none of others'.
    default void check(JobRequest job) {
        job.resources().directives().stream()
                .filter(directive -> directive.startsWith("--"))
                .findFirst()
                .ifPresent(option -> {
                    throw cannot(this, option, "say it as a script does: --directive='-q long'");
                });
    }

    /// What the template needs beside what all have.
    ///
    /// @param filled gives the text of another template
    default Map<String, String> words(JobRequest job, UnaryOperator<String> filled) {
        return Map.of();
    }

    /// Of a job that only fetches the image, below `job-templates`; empty where one job cannot wait for another's
    /// image.
    default Optional<String> prefetchTemplate() {
        return Optional.empty();
    }

    /// How long a job that only fetches may take.
    default Duration prefetchTime(Resources resources) {
        return Duration.ofHours(1);
    }

    /// @return whether the job is no more
    default boolean cancel(String job) {
        return false;
    }

    /// @return the job's id
    default String submit(Path script) {
        Command.Result result = handOver(script);
        Matcher id = answer().matcher(result.output());
        if (result.status() != 0 || !id.find()) {
            boolean silent = SILENT.matcher(result.output()).find();
            throw FaultException.of(
                    silent ? Fault.UNREACHABLE : Fault.NOT_ALLOWED,
                    "submitting the job: " + program() + " answered " + result.status() + ": "
                            + reason(program(), result.output()),
                    advice(result.output()));
        }
        return id.group(1);
    }

    /// What to do when it did not take the script.
    default String advice(String answer) {
        return SILENT.matcher(answer).find()
                ? "nothing was submitted; try again when " + name() + " answers"
                : "correct the options, or put -- before the command; 'berth job script' shows what is submitted";
    }

    private Command.Result handOver(Path script) {
        try {
            return Command.run(submission(script), Duration.ofSeconds(60));
        } catch (FaultException e) {
            if (e.fault() != Fault.HOST_UNFIT) {
                throw e.during("submitting the job");
            }
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "submitting the job: " + e.getMessage(),
                    "go where the programs of " + name()
                            + " are, or name another batch system with --scheduler; 'berth job run' needs none",
                    e);
        }
    }

    /// In one line, without the program's name and its advice to ask for help.
    private static String reason(String program, String output) {
        String reason = output.lines()
                .map(line -> line.replaceFirst("^" + Pattern.quote(program) + ": (error: )?", "")
                        .strip())
                .filter(line -> !line.isEmpty() && !line.startsWith("Try "))
                .collect(Collectors.joining("; "));
        return reason.isEmpty() ? "no output" : reason;
    }

    /// Errors: BAD_INPUT, naming what is left out of the job.
    static FaultException cannot(Scheduler scheduler, String option, String instead) {
        return FaultException.badInput(
                "writing a job for " + scheduler.name() + ": it has no word for " + option, instead);
    }
}
