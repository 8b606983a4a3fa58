package io.berth.cli;

import io.berth.app.Explanation;
import io.berth.app.ObtainContainer;
import io.berth.app.PlanCache;
import io.berth.app.PlanRun;
import io.berth.app.PullPolicy;
import io.berth.app.StartContainer;
import io.berth.container.Programs;
import io.berth.container.RunChoices;
import io.berth.engine.ModeRequest;
import io.berth.fault.FaultException;
import io.berth.image.Platform;
import io.berth.store.Container;
import io.berth.store.ContainerStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `run` starts a container; `explain` shows what `run` would do with the same words, and starts nothing.
final class RunVerb implements Verb {
    private static final List<String> WITHOUT_EFFECT = List.of("--volumes-from", "--dns", "--dns-search");

    private final boolean explain;
    private final List<String> notices = new ArrayList<>();

    RunVerb(boolean explain) {
        this.explain = explain;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = explain
                ? Model.command("explain", "Show how 'berth run' would start this, and why; starts nothing")
                : Model.command("run", "Run a command in a container");
        RunOptions.addTo(spec);
        RunOptions.addPortsTo(spec);
        RunOptions.addUsersTo(spec);
        spec.addOption(Model.flag("remove the container afterwards", "--rm"));
        spec.addOption(Model.value("NAME", "a name for the container", "--name"));
        spec.addOption(Model.choice(
                "WHEN",
                "fetch the image when it is missing (default), never, or always; reuse: as missing, and take the container"
                        + " that has the name already",
                List.of("missing", "never", "always", "reuse"),
                "--pull"));
        spec.addOption(Model.value("OS/ARCH", "platform of the image", "--platform"));
        RegistryFlags.addTo(spec);
        spec.addOption(Model.value("DIR", "run this tree instead of a container", "--location"));
        spec.addOption(Model.flag("do not show the banner at a terminal", "--nobanner"));
        spec.addOption(Model.flag("plan anew, and keep no plan for the next time", "--no-plan-cache"));
        spec.addOption(Model.flag("accepted for docker's sake: so it is anyway", "-i", "-t", "-a"));
        spec.addOption(Model.values("WORD", "accepted for docker's sake, without effect", "--volumes-from"));
        spec.addOption(Model.values("WORD", "accepted for docker's sake, without effect", "--dns"));
        spec.addOption(Model.values("WORD", "accepted for docker's sake, without effect", "--dns-search"));
        spec.addPositional(Model.optional("CONTAINER|IMAGE", "a container's id or name, or an image"));
        spec.addPositional(Model.rest("1..*", "COMMAND ARG", "the command (default: the image's)"));
        spec.parser().stopAtPositional(true);
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        notices.addAll(session.toolbox().settings().notices());
        PlanCache cache = session.toolbox().planCache();
        Model.list(parsed, "--env-file").forEach(file -> cache.reads(Path.of(file)));
        for (String option : WITHOUT_EFFECT) {
            if (Model.has(parsed, option)) {
                notice(session, option + " has no effect: files and network are the host's");
            }
        }
        return Model.has(parsed, "--location") ? runTree(parsed, session) : runContainer(parsed, session);
    }

    @Override
    public boolean runsProgram() {
        return !explain;
    }

    private int runContainer(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        if (word.isEmpty()) {
            throw FaultException.badInput(
                    "reading the command line of '" + parsed.commandSpec().name()
                            + "': neither a container nor an image is named",
                    "berth ps and berth images list them");
        }
        RunChoices choices = RunOptions.read(parsed, withoutDashes(Model.positionals(parsed, 1)));
        ModeRequest mode = ModeRequest.parse(RunOptions.mode(parsed));
        Optional<String> name = Model.text(parsed, "--name");
        ObtainContainer.Request wanted = new ObtainContainer.Request(
                word,
                name,
                Model.text(parsed, "--pull").map(PullPolicy::parse).orElse(PullPolicy.MISSING),
                Model.text(parsed, "--platform").map(Platform::parse));
        ObtainContainer obtain = session.toolbox().obtainContainer(session.progress());
        if (obtain.existing(wanted).isEmpty()) {
            // each start makes a container of its own
            session.toolbox().planCache().refuse();
            if (session.toolbox().startAgainForMuchWork()) {
                return ExitCode.DONE;
            }
        }
        ObtainContainer.Obtained obtained = obtain.obtain(wanted);
        obtained.notices().forEach(session::notice);
        Container container = obtained.container();
        ContainerStore containers = session.toolbox().repository().containers();
        boolean started = false;
        try {
            Optional<String> newName = obtained.isNew()
                    ? Optional.empty()
                    : name.filter(alias ->
                            !containers.namesOf(container).contains(alias) || wanted.policy() != PullPolicy.REUSE);
            newName.ifPresent(containers::checkName);
            List<String> after = after(parsed, container, session);
            start(
                    new StartContainer.Request(container, newName, choices, mode, RunOptions.words(parsed), after),
                    parsed,
                    session);
            started = !explain;
        } finally {
            // what was only to be explained, or cannot be had: a container made for it is of no use to anybody
            if (obtained.isNew() && !started) {
                containers.remove(container);
            }
        }
        return ExitCode.DONE;
    }

    private static List<String> after(ParseResult parsed, Container container, Session session) {
        if (!Model.has(parsed, "--rm")) {
            return List.of();
        }
        if (session.toolbox().repository().containers().isProtected(container)) {
            session.notice("the container is protected, so --rm will not remove it");
            return List.of();
        }
        return List.of("--quiet", "rm", container.id());
    }

    /// Source: udocker 1.3 takes the first word for a container even here, so its users put any word there.
    private int runTree(ParseResult parsed, Session session) {
        Path root = Path.of(Model.text(parsed, "--location").orElseThrow()).toAbsolutePath();
        if (!Files.isDirectory(root)) {
            throw FaultException.badInput("running the tree " + root + ": there is no such folder", "check --location");
        }
        List<String> command = Model.positionals(parsed, 1);
        String first = Model.positional(parsed, 0);
        if (!first.isEmpty()) {
            command = Programs.has(root, first)
                    ? Stream.concat(Stream.of(first), command.stream()).toList()
                    : command;
        }
        RunChoices choices = RunOptions.read(parsed, withoutDashes(command));
        StartContainer start = session.toolbox().startContainer(RunOptions.engine(parsed));
        start(
                new StartContainer.Request(
                        start.bare(root),
                        Optional.empty(),
                        choices,
                        ModeRequest.parse(RunOptions.mode(parsed)),
                        List.of(),
                        List.of()),
                parsed,
                session);
        return ExitCode.DONE;
    }

    private void start(StartContainer.Request request, ParseResult parsed, Session session) {
        StartContainer start = session.toolbox().startContainer(RunOptions.engine(parsed));
        if (explain) {
            PlanRun.Planned planned = start.plan(request);
            planned.notices().forEach(session::notice);
            session.out().print(Explanation.text(planned));
            String cached = session.front().cached();
            session.out().println("kept plan " + (cached.equals("yes") ? cached : "no: " + cached));
            return;
        }
        PlanRun.Planned planned = start.start(request);
        planned.notices().forEach(line -> notice(session, line));
        boolean bare = session.quiet() || Model.has(parsed, "--nobanner");
        String banner = bare
                ? ""
                : Banner.of(planned.decision().mode(), request.container().id(), planned.program());
        if (session.front().terminalOut() && session.front().terminalErr()) {
            session.err().print(banner);
        }
        start.keep(request, planned, session.noticed(notices), banner);
    }

    private void notice(Session session, String line) {
        notices.add(line);
        session.notice(line);
    }

    /// `run IMAGE -- COMMAND`: the dashes are ours; a second pair is the command's.
    private static List<String> withoutDashes(List<String> command) {
        return !command.isEmpty() && command.getFirst().equals("--") ? command.subList(1, command.size()) : command;
    }
}
