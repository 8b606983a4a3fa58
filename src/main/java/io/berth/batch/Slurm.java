package io.berth.batch;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Asks Slurm. Slurm distributes; berth never does.
///
/// Source: sbatch(1), squeue(1) of Slurm 22.05.
public final class Slurm {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Pattern JOB_ID = Pattern.compile("^([0-9]+)(;.*)?$", Pattern.MULTILINE);

    private Slurm() {}

    /// @return the job's id
    public static String submit(Path script) {
        Command.Result result = Command.run(List.of("sbatch", "--parsable", script.toString()), LIMIT);
        Matcher id = JOB_ID.matcher(result.output());
        if (result.status() != 0 || !id.find()) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "submitting the job: sbatch answered " + result.status() + ": " + reason(result.output()),
                    "correct the options; 'berth job script' shows what is submitted");
        }
        return id.group(1);
    }

    /// Those of the jobs that Slurm still knows as not ended. When it does not answer, all: nothing of a job that may
    /// be alive is ever swept.
    public static Set<String> alive(Collection<String> jobIds) {
        if (jobIds.isEmpty()) {
            return Set.of();
        }
        Command.Result result;
        try {
            result = Command.run(List.of("squeue", "--noheader", "--format=%A", "--me"), LIMIT);
        } catch (FaultException e) {
            return new HashSet<>(jobIds);
        }
        return result.status() == 0
                ? new HashSet<>(result.output().lines().map(String::strip).toList())
                : new HashSet<>(jobIds);
    }

    /// In one line, without sbatch's name and its advice to ask for help.
    private static String reason(String output) {
        String reason = output.lines()
                .map(line -> line.replaceFirst("^sbatch: (error: )?", "").strip())
                .filter(line -> !line.isEmpty() && !line.startsWith("Try "))
                .collect(Collectors.joining("; "));
        return reason.isEmpty() ? "no output" : reason;
    }
}
