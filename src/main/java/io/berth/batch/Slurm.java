package io.berth.batch;

import io.berth.fault.FaultException;
import io.berth.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Source: sbatch(1), squeue(1) of Slurm 22.05.
public final class Slurm implements Scheduler {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final String DEPENDENCY = "--dependency=";
    private static final Pattern PARTITION = Pattern.compile("[^ *]+(\\*)? +([0-9][0-9:-]*)");
    private static final Pattern JOB_ID = Pattern.compile("^([0-9]+)(;.*)?$", Pattern.MULTILINE);
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:=@%+,\\[\\]()&|*-]*");

    @Override
    public String name() {
        return "slurm";
    }

    @Override
    public String template() {
        return "slurm.sbatch";
    }

    @Override
    public List<String> launchers() {
        return List.of("pmix", "pmi2");
    }

    @Override
    public List<String> directives(Resources resources) {
        List<String> options = new ArrayList<>();
        add(options, "--nodes", resources.nodes());
        add(options, "--ntasks", resources.tasks());
        add(options, "--ntasks-per-node", resources.tasksPerNode());
        add(options, "--cpus-per-task", resources.cpusPerTask());
        add(options, "--mem", resources.memory());
        add(options, "--time", resources.time());
        add(options, "--partition", resources.partition());
        add(options, "--account", resources.account());
        add(options, "--array", resources.array());
        add(options, "--gpus", resources.gpus());
        add(options, "--job-name", resources.jobName());
        add(options, "--output", resources.output());
        options.addAll(resources.directives());
        return options.stream().map(option -> "#SBATCH " + directive(option)).toList();
    }

    private static void add(List<String> options, String name, Optional<String> value) {
        value.ifPresent(text -> options.add(name + "=" + text));
    }

    /// A value with anything special in double quotes, in which sbatch still reads the backslash.
    ///
    /// Source: tried with sbatch of Slurm 22.05.
    private static String directive(String option) {
        int equals = option.indexOf('=');
        String value = option.substring(equals + 1);
        if (equals < 0 || PLAIN.matcher(value).matches()) {
            return option;
        }
        return option.substring(0, equals + 1)
                + '"'
                + value.replace("\\", "\\\\").replace("\"", "\\\"")
                + '"';
    }

    /// Any option of sbatch may stand in the script.
    @Override
    public void check(JobRequest job) {}

    @Override
    public Optional<String> prefetchTemplate() {
        return Optional.of("prefetch.sbatch");
    }

    /// The same, to begin when another job has ended well, and never otherwise.
    ///
    /// Errors: BAD_INPUT when the job waits for one of several others: Slurm cannot join that with ours.
    public static Resources after(Resources resources, String job) {
        List<String> others = resources.directives().stream()
                .filter(directive -> directive.startsWith(DEPENDENCY))
                .map(directive -> directive.substring(DEPENDENCY.length()))
                .toList();
        if (others.stream().anyMatch(other -> other.contains("?"))) {
            throw FaultException.badInput(
                    "writing a job that waits for its image: --dependency has '?', and cannot have another condition beside it",
                    "join conditions by commas, or hand over by yourself what 'berth job script --prefetch' prints");
        }
        // the last one that is said counts
        String last = others.isEmpty() ? "" : "," + others.getLast();
        return resources.with(DEPENDENCY + "afterok:" + job + last).with("--kill-on-invalid-dep=yes");
    }

    /// An hour, or what the partition allows: a job that asks for more waits for ever.
    ///
    /// Source: sinfo(1) of Slurm 22.05, "--format".
    @Override
    public Duration prefetchTime(Resources resources) {
        List<String> words = new ArrayList<>(List.of("sinfo", "--noheader", "--format=%P %l"));
        resources.partition().ifPresent(name -> words.add("--partition=" + name));
        try {
            Command.Result result = Command.run(words, LIMIT);
            return result.status() == 0
                    ? shortest(result.output(), resources.partition().isPresent())
                    : HOUR;
        } catch (FaultException e) {
            return HOUR;
        }
    }

    /// @param named whether all partitions are meant, or the default one
    static Duration shortest(String answer, boolean named) {
        return answer.lines()
                .map(PARTITION::matcher)
                .filter(line -> line.matches() && (named || line.group(1) != null))
                .map(line -> Amounts.time(line.group(2)))
                .filter(time -> time.compareTo(HOUR) < 0)
                .min(Comparator.naturalOrder())
                .orElse(HOUR);
    }

    @Override
    public boolean cancel(String job) {
        try {
            return Command.run(List.of("scancel", job), LIMIT).status() == 0;
        } catch (FaultException e) {
            return false;
        }
    }

    @Override
    public String program() {
        return "sbatch";
    }

    @Override
    public List<String> submission(Path script) {
        return List.of(program(), "--parsable", script.toString());
    }

    @Override
    public Pattern answer() {
        return JOB_ID;
    }

    /// Source: what sbatch of Slurm 22.05 says on a machine that is in no cluster.
    @Override
    public String advice(String answer) {
        return answer.contains("configuration source")
                ? "submit on a machine that reaches Slurm's controller; 'berth job run' runs the same script here alone"
                : Scheduler.super.advice(answer);
    }

    /// The kinds that `srun --mpi` takes here, without versions; none when srun does not answer.
    ///
    /// Source: `srun --mpi=list` of Slurm 22.05.
    public static List<String> offered() {
        try {
            Command.Result result = Command.run(List.of("srun", "--mpi=list"), LIMIT);
            return result.status() == 0 ? offered(result.output()) : List.of();
        } catch (FaultException e) {
            return List.of();
        }
    }

    static List<String> offered(String answer) {
        return answer.lines()
                .map(line -> line.replaceFirst("^srun: ", "").strip())
                .filter(line -> line.matches("[a-z0-9_]+"))
                .sorted()
                .toList();
    }

    /// Those of the jobs that have not ended as far as Slurm knows. When it does not answer, all, and always those of
    /// other batch systems: nothing of a job that may be alive is ever swept.
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
        if (result.status() != 0) {
            return new HashSet<>(jobIds);
        }
        Set<String> alive =
                new HashSet<>(result.output().lines().map(String::strip).toList());
        jobIds.stream().filter(JobEnvironment::isForeign).forEach(alive::add);
        return alive;
    }
}
