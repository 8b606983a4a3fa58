package io.berth.cli;

import io.berth.container.CpuList;
import io.berth.container.DeviceWish;
import io.berth.container.EngineWishes;
import io.berth.container.EnvFile;
import io.berth.container.MemoryFolder;
import io.berth.container.Port;
import io.berth.container.RunChoices;
import io.berth.container.SubIdWish;
import io.berth.container.Volume;
import io.berth.engine.Maker;
import io.berth.fault.FaultException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// The options that say how a container runs; `run`, `explain`, `job` and `node prepare` share them.
final class RunOptions {
    private static final String PER_NODE = "per-node";
    private static final String SUBIDS = "--subids";
    private static final List<String> REPEATED = List.of(
            "--volume",
            "--mount",
            "--tmpfs",
            "--novol",
            "--env",
            "--env-file",
            "--device",
            "--device-class",
            "--publish");
    private static final List<String> SINGLE =
            List.of("--workdir", "--user", "--entrypoint", "--kernel", "--cpuset-cpus", "--mode", "--engine");
    private static final List<String> FLAGS = List.of(
            "--hostenv",
            "--hostauth",
            "--containerauth",
            "--nosysdirs",
            "--nometa",
            "--bindhome",
            "--dri",
            "--nvidia",
            "--nvidia-if-present",
            "--publish-all",
            SUBIDS);

    private static final List<String> MODES =
            List.of("auto", PER_NODE, "P1", "P2", "F1", "F2", "F3", "F4", "R1", "R2", "R3", "S1");
    private static final List<String> MAKERS = List.of("own", "crun", "runc");

    private RunOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Model.values("HOST[:INSIDE[:ro]]", "show a host file or folder inside", "-v", "--volume"));
        spec.addOption(
                Model.values("type=bind,...", "show a host file or folder inside, as docker words it", "--mount"));
        spec.addOption(Model.values("TARGET[:size=64m]", "an empty folder in memory (R modes)", "--tmpfs"));
        spec.addOption(Model.values("PATH", "do not show this path of the host", "--novol"));
        spec.addOption(
                Model.values("DEVICE", "show a device of the host, or a CDI device (nvidia.com/gpu=0)", "--device"));
        spec.addOption(Model.values(
                "CLASS",
                "show devices where the host has them: verbs, cxi, hfi, knem, xpmem, gdrcopy",
                "--device-class"));
        spec.addOption(Model.flag("show the NVIDIA driver and GPUs of the host", "--nvidia"));
        spec.addOption(Model.flag("as --nvidia where the host has a driver, nothing elsewhere", "--nvidia-if-present"));
        spec.addOption(Model.flag("show none of the host's usual folders (/dev, /proc, ...)", "--nosysdirs"));
        spec.addOption(Model.flag("show your home folder at its own path; HOME is that path", "--bindhome"));
        spec.addOption(Model.flag("show the host's direct-rendering libraries", "--dri"));
        spec.addOption(Model.values("NAME[=VALUE]", "set a variable, or hand on the caller's", "-e", "--env"));
        spec.addOption(Model.values("FILE", "set the variables of a file, unless the image sets them", "--env-file"));
        spec.addOption(Model.flag("hand on the caller's whole environment", "--hostenv"));
        spec.addOption(Model.value("DIR", "working directory inside", "-w", "--workdir"));
        spec.addOption(Model.value("USER[:GROUP]", "user inside, a name or a number", "-u", "--user"));
        spec.addOption(Model.flag("see the host's users and groups", "--hostauth"));
        spec.addOption(Model.flag("see the container's users and groups, and no other", "--containerauth"));
        spec.addOption(
                Model.value("COMMAND", "use this instead of the image's entry point; empty for none", "--entrypoint"));
        spec.addOption(
                Model.flag("ignore the command, entry point, variables, user and folder of the image", "--nometa"));
        spec.addOption(Model.value("LIST", "processors that may be used, as 0-3,8", "--cpuset-cpus"));
        spec.addOption(Model.value("RELEASE", "kernel release to show (P modes)", "--kernel"));
        spec.addOption(Model.choice(
                "MODE",
                "auto, P1, P2, F1 to F4, R1 to R3, or S1; per-node lets a job's nodes differ",
                MODES,
                "--mode"));
        spec.addOption(Model.choice("PROGRAM", "what makes R1: own (default), crun or runc", MAKERS, "--engine"));
    }

    /// Not for jobs: their trees are not written to, and ranks have their own user.
    static void addUsersTo(CommandSpec spec) {
        spec.addOption(Model.flag("have more users than one, by your subordinate ids (R1, R2)", SUBIDS));
    }

    /// Not for jobs, where Slurm's options have these letters.
    static void addPortsTo(CommandSpec spec) {
        spec.addOption(Model.values("HOST:INSIDE", "map a port", "-p", "--publish"));
        spec.addOption(Model.flag("move ports to free ones (P modes)", "-P", "--publish-all", "--netcoop"));
    }

    static RunChoices read(ParseResult parsed, List<String> command) {
        return new RunChoices(
                shown(parsed),
                new RunChoices.Variables(
                        Model.list(parsed, "--env").stream()
                                .map(RunOptions::named)
                                .toList(),
                        Model.list(parsed, "--env-file").stream()
                                .flatMap(file -> EnvFile.read(Path.of(file)).stream())
                                .toList(),
                        Model.has(parsed, "--hostenv")),
                new RunChoices.Account(Model.text(parsed, "--user"), accountFiles(parsed)),
                new RunChoices.Program(
                        Model.text(parsed, "--entrypoint").map(RunOptions::words),
                        command,
                        Model.text(parsed, "--workdir"),
                        !Model.has(parsed, "--nometa")),
                new EngineWishes(
                                Model.text(parsed, "--kernel"),
                                Model.list(parsed, "--publish").stream()
                                        .map(Port::parse)
                                        .toList(),
                                Model.has(parsed, "--publish-all"),
                                Model.text(parsed, "--cpuset-cpus").map(CpuList::parse))
                        .withSubIds(Model.has(parsed, SUBIDS) ? SubIdWish.REQUIRED : SubIdWish.NO),
                hardware(parsed));
    }

    private static DeviceWish hardware(ParseResult parsed) {
        DeviceWish.Nvidia nvidia = DeviceWish.Nvidia.NO;
        if (Model.has(parsed, "--nvidia")) {
            nvidia = DeviceWish.Nvidia.REQUIRED;
        } else if (Model.has(parsed, "--nvidia-if-present")) {
            nvidia = DeviceWish.Nvidia.IF_PRESENT;
        }
        return new DeviceWish(
                nvidia,
                Model.list(parsed, "--device").stream()
                        .filter(DeviceWish::isCdi)
                        .toList(),
                Model.list(parsed, "--device-class"));
    }

    /// What makes R1, when that is said.
    static Optional<Maker> engine(ParseResult parsed) {
        return Model.text(parsed, "--engine").map(word -> Maker.valueOf(word.toUpperCase(Locale.ROOT)));
    }

    /// Whether the nodes of a job may take different modes.
    static boolean perNode(ParseResult parsed) {
        return Model.text(parsed, "--mode").filter(PER_NODE::equals).isPresent();
    }

    static String mode(ParseResult parsed) {
        Optional<String> mode =
                Model.text(parsed, "--mode").filter(word -> !word.equalsIgnoreCase("auto") && !perNode(parsed));
        Optional<Maker> engine = engine(parsed);
        if (engine.isPresent()
                && mode.filter(word -> !word.equalsIgnoreCase("R1")).isPresent()) {
            throw FaultException.badInput(
                    "reading the options: --engine=" + engine.get().label() + " and --mode=" + mode.get()
                            + " exclude each other",
                    "--engine is for mode R1");
        }
        return mode.orElse(engine.isPresent() ? "R1" : "auto");
    }

    /// The options as words that mean the same anywhere on this machine.
    static List<String> words(ParseResult parsed) {
        List<String> words = new ArrayList<>();
        for (String option : REPEATED) {
            Model.list(parsed, option).forEach(value -> words.add(option + "=" + placed(option, value)));
        }
        for (String option : SINGLE) {
            Model.text(parsed, option).ifPresent(value -> words.add(option + "=" + value));
        }
        FLAGS.stream().filter(option -> Model.has(parsed, option)).forEach(words::add);
        return words;
    }

    private static String placed(String option, String value) {
        return option.equals("--env-file") ? Path.of(value).toAbsolutePath().toString() : value;
    }

    private static RunChoices.Shown shown(ParseResult parsed) {
        return new RunChoices.Shown(
                Stream.concat(
                                Model.list(parsed, "--volume").stream().map(Volume::parse),
                                Model.list(parsed, "--mount").stream().map(Volume::parseMount))
                        .toList(),
                Model.list(parsed, "--novol"),
                Model.list(parsed, "--device").stream()
                        .filter(word -> !DeviceWish.isCdi(word))
                        .map(Volume::parseDevice)
                        .toList(),
                Model.list(parsed, "--tmpfs").stream().map(MemoryFolder::parse).toList(),
                !Model.has(parsed, "--nosysdirs"),
                Model.has(parsed, "--dri"),
                Model.has(parsed, "--bindhome"));
    }

    private static RunChoices.AccountFiles accountFiles(ParseResult parsed) {
        boolean host = Model.has(parsed, "--hostauth");
        boolean container = Model.has(parsed, "--containerauth");
        if (host && container) {
            throw FaultException.badInput(
                    "reading the options: --hostauth and --containerauth exclude each other", "leave one of them out");
        }
        if (host) {
            return RunChoices.AccountFiles.HOST;
        }
        return container ? RunChoices.AccountFiles.CONTAINER : RunChoices.AccountFiles.COMPLETED;
    }

    private static String named(String variable) {
        if (variable.isEmpty() || variable.startsWith("=")) {
            throw FaultException.badInput(
                    "reading the variable '" + variable + "': it has no name", "the form is NAME=VALUE, or NAME");
        }
        return variable;
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}
