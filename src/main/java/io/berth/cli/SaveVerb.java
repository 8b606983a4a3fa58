package io.berth.cli;

import io.berth.app.SaveImages;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.StoredImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class SaveVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("save", "Write images as docker save does");
        spec.addOption(Model.value("FILE", "write to this new file instead of standard output", "-o", "--output"));
        spec.addPositional(Model.rest("0..*", "[-] IMAGE", "NAME[:TAG], one or several"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> words = new ArrayList<>(Model.positionals(parsed, 0));
        if (!words.isEmpty() && words.getFirst().equals(Archives.STANDARD)) {
            words.removeFirst();
        }
        if (words.isEmpty()) {
            throw FaultException.badInput("saving: no image is named", "save -o FILE IMAGE");
        }
        SaveImages save = session.toolbox().saveImages(session.progress());
        List<StoredImage> images =
                save.find(words.stream().map(ImageReference::parse).toList());
        if (MuchWork.ofImages(images, session)) {
            return ExitCode.DONE;
        }
        Optional<String> file = Model.text(parsed, "--output").filter(name -> !name.equals(Archives.STANDARD));
        if (file.isPresent()) {
            save.save(images, Path.of(file.get()));
        } else {
            save.save(images, Archives.output());
        }
        return ExitCode.DONE;
    }
}
