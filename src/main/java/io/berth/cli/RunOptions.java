package io.berth.cli;

import io.berth.container.RunChoices;
import io.berth.container.Volume;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// The options that say how a container runs; `run`, `explain` and `node prepare` share them.
final class RunOptions {
    private RunOptions() {}

    static void addTo(CommandSpec spec) {
        spec.addOption(Model.values("HOST[:INSIDE[:ro]]", "show a host file or folder inside", "-v", "--volume"));
        spec.addOption(Model.values("NAME[=VALUE]", "set a variable, or hand on the caller's", "-e", "--env"));
        spec.addOption(Model.flag("hand on the caller's whole environment", "--hostenv"));
        spec.addOption(Model.value("DIR", "working directory inside", "-w", "--workdir"));
        spec.addOption(Model.value("USER[:GROUP]", "user inside, a name or a number", "-u", "--user"));
        spec.addOption(Model.value("COMMAND", "replace the image's entry point; empty for none", "--entrypoint"));
        spec.addOption(Model.value("MODE", "auto, R1 or P2", "--mode"));
    }

    static RunChoices read(ParseResult parsed, List<String> command) {
        return new RunChoices(
                Model.list(parsed, "--volume").stream().map(Volume::parse).toList(),
                Model.list(parsed, "--env"),
                Model.text(parsed, "--workdir"),
                Model.text(parsed, "--user"),
                Model.text(parsed, "--entrypoint").map(RunOptions::words),
                command,
                Model.has(parsed, "--hostenv"));
    }

    static String mode(ParseResult parsed) {
        return Model.text(parsed, "--mode").orElse("auto");
    }

    private static List<String> words(String text) {
        return text.isBlank() ? List.of() : List.of(text.strip().split("\\s+"));
    }
}
