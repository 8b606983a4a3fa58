package io.berth.cli;

import io.berth.app.WriteJobScript;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Options of `berth job`: those of the container, those that Slurm knows, and any other of Slurm's in the form
/// `--name=value`, handed on as it is.
///
/// Source: sbatch(1) of Slurm 22.05.
final class JobOptions {
    /// Ours to Slurm's.
    private static final Map<String, String> SLURM = Map.of(
            "--nodes", "--nodes",
            "--tasks", "--ntasks",
            "--tasks-per-node", "--ntasks-per-node",
            "--cpus-per-task", "--cpus-per-task",
            "--memory", "--mem",
            "--time", "--time");
    private static final List<String> ORDER = List.of(
            "--nodes",
            "--tasks",
            "--tasks-per-node",
            "--cpus-per-task",
            "--memory",
            "--time",
            "--partition",
            "--account",
            "--array",
            "--gpus",
            "--job-name",
            "--output");

    private JobOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Model.value("N", "nodes", "-N", "--nodes"));
        spec.addOption(Model.value("N", "tasks (ranks) in all", "-n", "--tasks", "--ntasks"));
        spec.addOption(Model.value("N", "tasks on each node", "--tasks-per-node", "--ntasks-per-node"));
        spec.addOption(Model.value("N", "cpus for each task", "-c", "--cpus-per-task"));
        spec.addOption(Model.value("SIZE", "memory on each node", "--memory", "--mem"));
        spec.addOption(Model.value("TIME", "time limit", "-t", "--time"));
        spec.addOption(Model.value("NAME", "partition", "-p", "--partition"));
        spec.addOption(Model.value("NAME", "account", "-A", "--account"));
        spec.addOption(Model.value("LIST", "array of jobs", "-a", "--array"));
        spec.addOption(Model.value("N", "GPUs", "-G", "--gpus"));
        spec.addOption(Model.value("NAME", "name of the job", "-J", "--job-name"));
        spec.addOption(Model.value("FILE", "where its output goes", "-o", "--output"));
        spec.addOption(Model.choice(
                "KIND",
                "how ranks find each other: pmix, pmi2, none (default: the site's)",
                List.of("pmix", "pmi2", "none"),
                "--mpi"));
        RunOptions.addTo(spec);
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        spec.addPositional(
                Model.rest("1..*", "-- COMMAND ARG", "what each rank runs (default: what the image is for)"));
        spec.parser().unmatchedArgumentsAllowed(true).unmatchedOptionsArePositionalParams(false);
    }

    static WriteJobScript.Request read(ParseResult parsed) {
        List<String> directives = new ArrayList<>();
        for (String option : ORDER) {
            Model.text(parsed, option)
                    .ifPresent(value -> directives.add(SLURM.getOrDefault(option, option) + "=" + value));
        }
        for (String other : parsed.unmatched()) {
            if (!other.matches("--[a-z][a-z0-9-]*(=.*)?")) {
                throw FaultException.badInput(
                        "reading the job's options: '" + other + "' is not one",
                        "options of sbatch are handed on in the form --name=value; the command stands behind --");
            }
            directives.add(other);
        }
        return new WriteJobScript.Request(
                ImageReference.parse(Model.positional(parsed, 0)),
                directives,
                Model.text(parsed, "--mpi"),
                prepare(parsed),
                Model.positionals(parsed, 1));
    }

    private static boolean wantsGpus(ParseResult parsed) {
        return Model.has(parsed, "--gpus")
                || parsed.unmatched().stream()
                        .anyMatch(option -> option.startsWith("--gpus-per-") || option.startsWith("--gres=gpu"));
    }

    /// The container's options go on to `berth node prepare` as they came, once they have been checked.
    private static List<String> prepare(ParseResult parsed) {
        RunOptions.read(parsed, List.of());
        List<String> words = new ArrayList<>(RunOptions.words(parsed));
        if (!Model.positionals(parsed, 1).isEmpty()
                && Model.text(parsed, "--entrypoint").isEmpty()) {
            words.add("--entrypoint=");
        }
        if (wantsGpus(parsed) && !words.contains("--nvidia")) {
            words.add("--nvidia-if-present"); // GPUs of other makers need nothing of the host but /dev
        }
        return words;
    }
}
