package io.berth.cli;

import io.berth.app.ContainerMode;
import io.berth.app.SetUpContainer;
import io.berth.store.Container;
import io.berth.store.StoredMode;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class SetupVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("setup", "Store how a container is to be started, or show it");
        spec.addOption(Model.choice("MODE", "P1, P2, F1 to F4, R1 to R3, or S1", ContainerMode.KNOWN, "--execmode"));
        spec.addOption(Model.flag("also when the mode is stored already", "--force"));
        spec.addOption(Model.flag("remove mount points and links that starts have left", "--purge"));
        spec.addOption(Model.flag("make all files the owner's to read and write", "--fixperm", "--fixperms"));
        spec.addOption(Model.flag(
                "copy the host's NVIDIA driver into the container (run --nvidia needs no copy)", "--nvidia"));
        spec.addPositional(Model.one("CONTAINER", "its id or name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Container container = Lookup.container(session, Model.positional(parsed, 0), "setting up");
        SetUpContainer.Request request = new SetUpContainer.Request(
                container,
                Model.text(parsed, "--execmode"),
                Model.has(parsed, "--force"),
                Model.has(parsed, "--purge"),
                Model.has(parsed, "--fixperm"),
                Model.has(parsed, "--nvidia"));
        if (request.changes() && session.toolbox().startAgainForFilesIn(List.of(container.folder()))) {
            return ExitCode.DONE;
        }
        session.toolbox().setUpContainer().setUp(request).forEach(session::notice);
        if (!request.changes()) {
            session.out()
                    .println("execmode: "
                            + ContainerMode.shown(
                                    container.folder(), session.toolbox().usualMode()));
            session.out().println("nvidiamode: " + (StoredMode.hasNvidia(container) ? "True" : "False"));
        }
        return ExitCode.DONE;
    }
}
