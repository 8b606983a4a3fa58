package io.berth.cli;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.store.Container;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// What cannot be removed does not keep the others.
final class RmVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("rm", "Remove containers");
        spec.addOption(Model.flag(
                "accepted for udocker's sake: files without permissions are removed anyway", "-f", "--force"));
        spec.addPositional(Model.several("CONTAINER", "its id or name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<Path> folders = Model.positionals(parsed, 0).stream()
                .flatMap(word -> Lookup.containers(session).find(word).stream())
                .map(Container::folder)
                .toList();
        if (session.toolbox().startAgainForFilesIn(folders)) {
            return ExitCode.DONE;
        }
        int status = ExitCode.DONE;
        for (String word : Model.positionals(parsed, 0)) {
            try {
                Container container = Lookup.container(session, word, "removing");
                session.info("deleting container: " + container.id());
                Lookup.containers(session).remove(container);
            } catch (FaultException e) {
                if (e.fault() == Fault.INTERRUPTED) {
                    throw e;
                }
                session.complain(e);
                status = ExitCode.FAILED;
            }
        }
        return status;
    }
}
