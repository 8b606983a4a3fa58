package io.berth.cli;

import io.berth.app.PlanRun;
import io.berth.app.StartContainer;
import io.berth.container.RunChoices;
import io.berth.engine.ModeRequest;
import io.berth.fault.FaultException;
import io.berth.store.Container;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `exec` runs one more command in a container that runs: the same files, user and variables.
final class ExecVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("exec", "Run one more command in a container that runs on this node");
        spec.addOption(Model.values("NAME[=VALUE]", "set a variable, or hand on the caller's", "-e", "--env"));
        spec.addOption(Model.value("DIR", "working directory inside", "-w", "--workdir"));
        spec.addOption(Model.value("USER[:GROUP]", "user inside (P modes, and with --subids)", "-u", "--user"));
        spec.addOption(Model.flag("accepted for docker's sake: so it is anyway", "-i", "-t"));
        spec.addPositional(Model.one("CONTAINER", "its id or name"));
        spec.addPositional(Model.rest("1..*", "COMMAND ARG", "the command"));
        spec.parser().stopAtPositional(true);
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        List<String> command = Model.positionals(parsed, 1);
        if (command.isEmpty()) {
            throw FaultException.badInput(
                    "reading the command line of 'exec': no command is given",
                    "for example: berth exec " + word + " sh");
        }
        Container container = Lookup.container(session, word, "joining");
        StartContainer.Running running =
                session.toolbox().startContainer(Optional.empty()).running(container);
        StartContainer start = session.toolbox().startContainer(RunOptions.engine(parse(running.options())));
        List<String> usual = new ArrayList<>(running.options());
        usual.removeIf(startsWith("--entrypoint=").or(startsWith("--mode=")));
        usual.add("--entrypoint=");
        usual.add("--mode=" + running.mode());
        PlanRun.Planned planned = start.join(
                request(container, with(usual, parsed), command), request(container, usual, command), running);
        planned.notices().forEach(session::notice);
        return ExitCode.DONE;
    }

    @Override
    public boolean runsProgram() {
        return true;
    }

    private static List<String> with(List<String> usual, ParseResult parsed) {
        List<String> words = new ArrayList<>(usual);
        for (String option : List.of("--workdir", "--user")) {
            Model.text(parsed, option).ifPresent(value -> {
                words.removeIf(startsWith(option + "="));
                words.add(option + "=" + value);
            });
        }
        Model.list(parsed, "--env").forEach(value -> words.add("--env=" + value));
        return words;
    }

    private static StartContainer.Request request(Container container, List<String> options, List<String> command) {
        ParseResult parsed = parse(options);
        RunChoices choices = RunOptions.read(parsed, command);
        return new StartContainer.Request(
                container, Optional.empty(), choices, ModeRequest.parse(RunOptions.mode(parsed)), List.of(), List.of());
    }

    private static ParseResult parse(List<String> options) {
        CommandSpec spec = Model.command("run", "");
        RunOptions.addTo(spec);
        RunOptions.addPortsTo(spec);
        RunOptions.addUsersTo(spec);
        return new CommandLine(spec)
                .setExpandAtFiles(false)
                .setInterpolateVariables(false)
                .parseArgs(options.toArray(String[]::new));
    }

    private static Predicate<String> startsWith(String beginning) {
        return word -> word.startsWith(beginning);
    }
}
