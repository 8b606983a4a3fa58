package io.berth.cli;

import io.berth.app.ExportContainer;
import io.berth.fault.FaultException;
import io.berth.store.Container;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class ExportVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("export", "Write a container's tree as a tar archive");
        spec.addOption(Model.value("FILE", "write to this file instead of standard output", "-o", "--output"));
        spec.addOption(Model.flag("the whole container, for import --clone", "--clone"));
        spec.addPositional(Model.rest("0..*", "[-] CONTAINER", "its id or name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> words = new ArrayList<>(Model.positionals(parsed, 0));
        if (words.size() == 2 && words.getFirst().equals(Archives.STANDARD)) {
            words.removeFirst();
        }
        if (words.size() != 1) {
            throw FaultException.badInput(
                    "exporting: one container is wanted, not " + words.size(), "export CONTAINER");
        }
        ExportContainer export = session.toolbox().exportContainer(session.progress());
        Container container = export.find(words.getFirst());
        if (session.toolbox().startAgainForFilesIn(List.of(container.folder()))
                || MuchWork.ofTree(container.root(), session)) {
            return ExitCode.DONE;
        }
        boolean whole = Model.has(parsed, "--clone");
        Optional<String> file = Model.text(parsed, "--output").filter(name -> !name.equals(Archives.STANDARD));
        List<String> notices = file.isPresent()
                ? export.export(container, whole, Path.of(file.get()))
                : export.export(container, whole, Archives.output());
        notices.forEach(session::notice);
        return ExitCode.DONE;
    }
}
