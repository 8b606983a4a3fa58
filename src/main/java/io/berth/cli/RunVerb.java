package io.berth.cli;

import io.berth.app.CreateContainer;
import io.berth.app.Explanation;
import io.berth.app.PullImage;
import io.berth.app.StartContainer;
import io.berth.container.RunChoices;
import io.berth.engine.ModeRequest;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.store.Container;
import io.berth.store.ContainerStore;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `run` starts a container; `explain` shows what `run` would do with the same words, and starts nothing.
final class RunVerb implements Verb {
    private final boolean explain;

    RunVerb(boolean explain) {
        this.explain = explain;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = explain
                ? Model.command("explain", "Show how 'berth run' would start this, and why; starts nothing")
                : Model.command("run", "Run a command in a container");
        RunOptions.addTo(spec);
        spec.addOption(Model.flag("remove the container afterwards", "--rm"));
        spec.addOption(Model.value("NAME", "a name for a new container", "--name"));
        spec.addPositional(Model.one("CONTAINER|IMAGE", "a container's id or name, or an image to make a new one of"));
        spec.addPositional(Model.rest("1..*", "COMMAND ARG", "the command (default: the image's)"));
        spec.parser().stopAtPositional(true);
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> command = Model.positionals(parsed, 1);
        RunChoices choices = RunOptions.read(parsed, withoutDashes(command));
        ModeRequest mode = ModeRequest.parse(RunOptions.mode(parsed));
        String word = Model.positional(parsed, 0);
        ContainerStore containers = session.toolbox().repository().containers();
        boolean isNew = containers.find(word).isEmpty();
        Container container = container(word, Model.text(parsed, "--name"), session);
        List<String> after = Model.has(parsed, "--rm") ? List.of("--quiet", "rm", container.id()) : List.of();
        boolean started = false;
        try {
            start(new StartContainer.Request(container, choices, mode, after), session);
            started = !explain;
        } finally {
            // what was only to be explained, or cannot be had: a container made for it is of no use to anybody
            if (isNew && !started) {
                containers.remove(container);
            }
        }
        return ExitCode.DONE;
    }

    private void start(StartContainer.Request request, Session session) {
        StartContainer start = session.toolbox().startContainer();
        if (explain) {
            session.out().print(Explanation.text(start.plan(request)));
        } else {
            start.start(request);
        }
    }

    @Override
    public boolean runsProgram() {
        return !explain;
    }

    /// `run IMAGE -- COMMAND`: the dashes are ours; a second pair is the command's.
    private static List<String> withoutDashes(List<String> command) {
        return !command.isEmpty() && command.getFirst().equals("--") ? command.subList(1, command.size()) : command;
    }

    private static Container container(String word, Optional<String> name, Session session) {
        Repository repository = session.toolbox().repository();
        Optional<Container> existing = repository.containers().find(word);
        if (existing.isPresent()) {
            name.ifPresent(alias -> repository.containers().name(existing.get().id(), alias));
            return existing.get();
        }
        ImageReference reference = ImageReference.parse(word);
        name.ifPresent(repository.containers()::checkName);
        StoredImage image = repository
                .images()
                .find(reference)
                .orElseGet(() -> session.toolbox()
                        .pullImage(session.progress())
                        .pull(new PullImage.Request(reference, Platform.host())));
        CreateContainer.Report report =
                session.toolbox().createContainer(session.progress()).create(new CreateContainer.Request(image, name));
        report.notices().forEach(session::notice);
        return report.container();
    }
}
