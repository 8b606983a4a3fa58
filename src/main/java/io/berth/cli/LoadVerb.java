package io.berth.cli;

import io.berth.app.LoadImages;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class LoadVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec =
                Model.command("load", "Bring the images of an archive into the repository; prints their names");
        spec.addOption(
                Model.value("FILE", "a tar archive or a folder, of docker save or an OCI layout", "-i", "--input"));
        spec.addPositional(Model.rest("0..*", "[-] [IMAGE]", "NAME[:TAG] instead of the archive's own"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> words = new ArrayList<>(Model.positionals(parsed, 0));
        Optional<String> input = Model.text(parsed, "--input");
        if (input.isEmpty() && !words.isEmpty() && words.getFirst().equals(Archives.STANDARD)) {
            words.removeFirst();
        }
        if (words.size() > 1) {
            throw FaultException.badInput(
                    "loading: '" + words.get(1) + "' is one word too many", "load -i FILE [IMAGE]");
        }
        String archive = input.orElse(Archives.STANDARD);
        if (MuchWork.ofArchive(archive, session)) {
            return ExitCode.DONE;
        }
        session.toolbox()
                .loadImages(session.progress())
                .load(new LoadImages.Request(
                        Archives.source(archive),
                        words.stream().map(ImageReference::parse).findFirst()))
                .forEach(session.out()::println);
        return ExitCode.DONE;
    }
}
