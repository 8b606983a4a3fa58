package io.berth.batch;

import io.berth.fault.FaultException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the amounts of sbatch's options, for batch systems that write them otherwise.
///
/// Source: sbatch(1) of Slurm 22.05, "--time", "--mem", "--array".
final class Amounts {
    private static final Pattern TIME = Pattern.compile("(?:([0-9]{1,5})-)?([0-9]{1,9}(?::[0-9]{1,9}){0,2})");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})([KMGT]?)B?", Pattern.CASE_INSENSITIVE);
    private static final Pattern RANGE =
            Pattern.compile("([0-9]{1,9})(?:-([0-9]{1,9})(?::([0-9]{1,9}))?)?(?:%([0-9]{1,9}))?");

    private Amounts() {}

    /// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes[:seconds]`.
    static Duration time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw FaultException.badInput("reading time limit '" + text + "': it is not one", "try 01:30:00, or 90");
        }
        List<Long> parts =
                Arrays.stream(matcher.group(2).split(":")).map(Long::valueOf).toList();
        boolean days = matcher.group(1) != null;
        int first = days || parts.size() == 3 ? 0 : 1; // hours, minutes, seconds
        long seconds = days ? 86_400 * Long.parseLong(matcher.group(1)) : 0;
        long unit = first == 0 ? 3600 : 60;
        for (long part : parts) {
            seconds += unit * part;
            unit /= 60;
        }
        return Duration.ofSeconds(seconds);
    }

    /// As `H:MM:SS`.
    static String clock(Duration time) {
        return "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    /// In megabytes, at least 1.
    static long megabytes(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            throw FaultException.badInput("reading memory '" + text + "': it is no size", "try 4G, or 4000M");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2).toUpperCase(java.util.Locale.ROOT)) {
            case "K" -> Math.max(1, number / 1024);
            case "G" -> number * 1024;
            case "T" -> number * 1024 * 1024;
            default -> number;
        };
    }

    /// @param what the option, for the message
    static int count(String what, String text) {
        if (!text.matches("[1-9][0-9]{0,6}")) {
            throw FaultException.badInput("reading " + what + " '" + text + "': it is no number", "try " + what + "=4");
        }
        return Integer.parseInt(text);
    }

    /// Indices of an array.
    ///
    /// @param step 1 when none is given
    /// @param atOnce 0 when nothing is said of it
    record Range(int first, int last, int step, int atOnce) {
        /// Errors: BAD_INPUT; only one range is known outside Slurm.
        static Range parse(String text) {
            Matcher matcher = RANGE.matcher(text);
            if (!matcher.matches()) {
                throw FaultException.badInput(
                        "reading array '" + text + "': it is not one range", "try 1-10, 1-10:2 or 1-10%3");
            }
            int first = Integer.parseInt(matcher.group(1));
            return new Range(first, number(matcher, 2, first), number(matcher, 3, 1), number(matcher, 4, 0));
        }

        private static int number(Matcher matcher, int group, int otherwise) {
            return matcher.group(group) == null ? otherwise : Integer.parseInt(matcher.group(group));
        }

        /// Errors: BAD_INPUT where a batch system counts from 1.
        Range fromOne(Scheduler scheduler) {
            if (first < 1) {
                throw Scheduler.cannot(scheduler, "an array that begins with 0", "count from 1: --array=1-10");
            }
            return this;
        }

        String text() {
            return first + "-" + last + (step == 1 ? "" : ":" + step);
        }
    }

    /// Ranks and processors of a job that says only some of it.
    ///
    /// @param perNode ranks on each node; 0 when the batch system decides
    record Layout(int nodes, int tasks, int perNode, int cpus) {
        static Layout of(Resources resources) {
            int nodes = resources.nodes().map(text -> count("--nodes", text)).orElse(1);
            int perNode = resources
                    .tasksPerNode()
                    .map(text -> count("--tasks-per-node", text))
                    .orElse(0);
            int tasks = resources.tasks().map(text -> count("--tasks", text)).orElse(nodes * Math.max(1, perNode));
            int cpus = resources
                    .cpusPerTask()
                    .map(text -> count("--cpus-per-task", text))
                    .orElse(1);
            return new Layout(nodes, tasks, perNode, cpus);
        }

        /// Rounded up.
        int ranksOnANode() {
            return perNode > 0 ? perNode : (tasks + nodes - 1) / nodes;
        }
    }
}
