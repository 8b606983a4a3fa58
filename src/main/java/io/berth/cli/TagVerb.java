package io.berth.cli;

import io.berth.image.ImageReference;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class TagVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("tag", "Give an image one more name; the layers are shared");
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        spec.addPositional(Model.at(1, "NEWNAME", "NAME[:TAG]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ImageReference image = ImageReference.parse(Model.positional(parsed, 0));
        ImageReference name = ImageReference.parse(Model.positional(parsed, 1));
        session.toolbox().existingRepository().images().tag(image, name);
        return ExitCode.DONE;
    }
}
