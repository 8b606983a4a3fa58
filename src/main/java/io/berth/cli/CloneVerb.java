package io.berth.cli;

import io.berth.store.Container;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class CloneVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("clone", "Copy a container; prints the id of the copy");
        spec.addOption(Model.value("NAME", "a name for the copy", "--name"));
        spec.addPositional(Model.one("CONTAINER", "its id or name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Container original = Lookup.container(session, Model.positional(parsed, 0), "cloning");
        if (session.toolbox().startAgainForFilesIn(List.of(original.folder()))
                || MuchWork.ofTree(original.root(), session)) {
            return ExitCode.DONE;
        }
        Container clone =
                session.toolbox().cloneContainer(session.progress()).copy(original, Model.text(parsed, "--name"));
        session.out().println(clone.id());
        return ExitCode.DONE;
    }
}
