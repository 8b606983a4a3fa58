package io.berth.batch;

import io.berth.fault.FaultException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// One program on one machine; many of them by an array.
///
/// Source: HTCondor 10 manual, condor_submit.
public final class HtCondor implements Scheduler {
    private static final Pattern JOB_ID = Pattern.compile("^([0-9]+\\.[0-9]+)", Pattern.MULTILINE);

    @Override
    public String name() {
        return "htcondor";
    }

    @Override
    public String template() {
        return "htcondor.sub";
    }

    @Override
    public List<String> launchers() {
        return List.of();
    }

    @Override
    public List<String> directives(Resources resources) {
        Amounts.Layout layout = Amounts.Layout.of(resources);
        if (layout.nodes() > 1 || layout.tasks() > 1) {
            throw Scheduler.cannot(this, "several ranks", "one program a job; --array=0-9 makes ten of them");
        }
        if (resources.partition().isPresent()) {
            throw Scheduler.cannot(
                    this, "a partition", "say what the machine must be: --directive='requirements = ...'");
        }
        List<String> lines = new ArrayList<>();
        lines.add("request_cpus = " + layout.cpus());
        resources.memory().ifPresent(text -> lines.add("request_memory = " + Amounts.megabytes(text)));
        resources.gpus().ifPresent(text -> lines.add("request_gpus = " + Amounts.count("--gpus", text)));
        resources
                .time()
                .ifPresent(text -> lines.add(
                        "allowed_execute_duration = " + Amounts.time(text).toSeconds()));
        resources.account().ifPresent(text -> lines.add("accounting_group = " + text));
        resources.jobName().ifPresent(text -> lines.add("batch_name = " + text));
        resources.output().ifPresent(text -> {
            lines.add("output = " + text);
            lines.add("error = " + text);
        });
        resources.array().map(Amounts.Range::parse).ifPresent(range -> {
            if (range.atOnce() > 0) {
                lines.add("max_materialize = " + range.atOnce());
            }
        });
        lines.addAll(resources.directives());
        return lines;
    }

    /// How many processes the last line queues; each finds its index in BERTH_ARRAY_INDEX.
    private static String queue(Resources resources) {
        return resources
                .array()
                .map(Amounts.Range::parse)
                .map(range -> "queue Index from seq " + range.first() + " " + range.step() + " " + range.last() + " |")
                .orElse("queue");
    }

    /// What does not fit one line is refused too.
    @Override
    public void check(JobRequest job) {
        Scheduler.super.check(job);
        if (Stream.concat(job.prepare().stream(), job.command().stream()).anyMatch(word -> word.contains("\n"))) {
            throw FaultException.badInput(
                    "writing a job for htcondor: a word of the command holds a line break", "put it into a file");
        }
    }

    @Override
    public Map<String, String> words(JobRequest job, UnaryOperator<String> filled) {
        return Map.of("script", argument(filled.apply("htcondor.sh")), "queue", queue(job.resources()));
    }

    /// A shell script, each of whose lines is a command, as one word of `arguments`.
    ///
    /// Source: condor_submit, "arguments": in double quotes, where a double quote is doubled; a word in
    /// single quotes, where a single quote is doubled; `$` begins a macro.
    private static String argument(String script) {
        String line = String.join("; ", script.lines().toList());
        return "'" + line.replace("'", "''").replace("\"", "\"\"").replace("$", "$(DOLLAR)") + "'";
    }

    @Override
    public String program() {
        return "condor_submit";
    }

    @Override
    public List<String> submission(Path script) {
        return List.of(program(), "-terse", script.toString());
    }

    @Override
    public Pattern answer() {
        return JOB_ID;
    }
}
