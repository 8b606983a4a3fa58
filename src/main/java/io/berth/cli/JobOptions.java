package io.berth.cli;

import io.berth.app.WriteJobScript;
import io.berth.batch.Resources;
import io.berth.container.RunChoices;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Options of `berth job`: those of the container, those that Slurm knows, and any other of Slurm's in the form
/// `--name=value`, handed on as it is.
///
/// Source: sbatch(1) of Slurm 22.05.
final class JobOptions {
    /// Of those that have a value, the ones that people use.
    private static final Pattern WITH_VALUE = Pattern.compile(
            "--(qos|constraint|reservation|nodelist|exclude|gres|gpus-per-(task|node|socket)|comment|dependency"
                    + "|licenses|mail-type|mail-user|begin|deadline|chdir|error|input|export|signal|clusters|mem-per-cpu"
                    + "|mem-per-gpu|ntasks-per-core|ntasks-per-socket|distribution|hint|nice|wckey)");

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
        spec.addOption(Model.value("LIST", "job array, as 0-9 or 1-100%10", "-a", "--array"));
        spec.addOption(Model.value("N", "GPUs of the job in all", "-G", "--gpus"));
        spec.addOption(Model.value("NAME", "name of the job", "-J", "--job-name"));
        spec.addOption(Model.value("FILE", "where the job's output goes", "-o", "--output"));
        spec.addOption(Model.choice(
                "KIND",
                "how ranks are started and find each other: pmix, pmi2, none (default: the site's); openmpi, mpich by the"
                        + " host's mpirun where there is no Slurm",
                List.of("pmix", "pmi2", "openmpi", "mpich", "none"),
                "--mpi"));
        spec.addOption(Model.value(
                "NAME", "batch system: slurm, gridengine, pbs, lsf, htcondor (default: the site's)", "--scheduler"));
        spec.addOption(
                Model.values("LINE", "a directive of the batch system, as it stands in a script", "--directive"));
        RunOptions.addTo(spec);
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        spec.addPositional(
                Model.allOf("1..*", "-- COMMAND ARG", "what each rank runs (default: what the image is for)"));
        spec.parser().unmatchedArgumentsAllowed(true).unmatchedOptionsArePositionalParams(false);
    }

    static WriteJobScript.Request read(ParseResult parsed) {
        Optional<String> scheduler = Model.text(parsed, "--scheduler");
        List<String> directives = new ArrayList<>(Model.list(parsed, "--directive"));
        for (String other : parsed.unmatched()) {
            if (!other.matches("--[a-z][a-z0-9-]*(=.*)?")) {
                throw FaultException.badInput(
                        "reading the job's options: '" + other + "' is not one",
                        "options of sbatch are handed on in the form --name=value; the command stands behind --");
            }
            if (WITH_VALUE.matcher(other).matches()) {
                throw FaultException.badInput(
                        "reading the job's options: '" + other + "' has no value",
                        "options of sbatch are handed on in the form " + other + "=VALUE");
            }
            directives.add(other);
        }
        String image = Model.positional(parsed, 0);
        if (image.startsWith("/") || image.startsWith(".")) {
            throw FaultException.badInput(
                    "reading image '" + image + "': jobs take images by name, and this is a path",
                    "'berth load' or 'berth import' gives an archive a name; srun --container-image takes the path");
        }
        RunChoices.Shown shown = RunOptions.read(parsed, List.of()).shown();
        return new WriteJobScript.Request(
                scheduler,
                ImageReference.parse(image),
                resources(parsed, directives),
                Model.text(parsed, "--mpi"),
                Stream.concat(shown.volumes().stream(), shown.devices().stream())
                        .toList(),
                prepare(parsed),
                Model.command(parsed, 1));
    }

    private static boolean wantsGpus(ParseResult parsed) {
        return Model.has(parsed, "--gpus")
                || parsed.unmatched().stream()
                        .anyMatch(option -> option.startsWith("--gpus-per-") || option.startsWith("--gres=gpu"));
    }

    private static Resources resources(ParseResult parsed, List<String> directives) {
        return new Resources(
                Model.text(parsed, "--nodes"),
                Model.text(parsed, "--tasks"),
                Model.text(parsed, "--tasks-per-node"),
                Model.text(parsed, "--cpus-per-task"),
                Model.text(parsed, "--memory"),
                Model.text(parsed, "--time"),
                Model.text(parsed, "--partition"),
                Model.text(parsed, "--account"),
                Model.text(parsed, "--array"),
                Model.text(parsed, "--gpus"),
                Model.text(parsed, "--job-name"),
                Model.text(parsed, "--output"),
                directives);
    }

    /// The container's options go on to `berth node prepare` as they came.
    private static List<String> prepare(ParseResult parsed) {
        List<String> words = new ArrayList<>(RunOptions.words(parsed));
        if (!Model.command(parsed, 1).isEmpty()
                && Model.text(parsed, "--entrypoint").isEmpty()) {
            words.add("--entrypoint=");
        }
        if (wantsGpus(parsed) && !words.contains("--nvidia")) {
            words.add("--nvidia-if-present"); // GPUs of other makers need nothing of the host but /dev
        }
        return words;
    }
}
