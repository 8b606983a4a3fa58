package io.berth.cli;

import io.berth.store.Container;
import io.berth.store.ContainerStore;
import java.nio.file.Files;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Source: udocker 1.3, columns of `ps`.
final class PsVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("ps", "List the containers in the repository");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ContainerStore containers = session.toolbox().existingRepository().containers();
        session.out().println("%-36s P M %-18s %s".formatted("CONTAINER ID", "NAMES", "IMAGE"));
        for (Container container : containers.list()) {
            String names = containers.namesOf(container).stream()
                    .map(name -> "'" + name + "'")
                    .collect(Collectors.joining(", "));
            session.out()
                    .println("%-36s %s %s %-18s %s"
                            .formatted(
                                    container.id(),
                                    containers.isProtected(container) ? "P" : ".",
                                    Files.isWritable(container.root()) ? "W" : "R",
                                    names.isEmpty() ? "" : "[" + names + "]",
                                    container.image()));
        }
        return ExitCode.DONE;
    }
}
