package io.berth.cli;

import io.berth.image.ImageReference;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class RmiVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("rmi", "Remove an image, and the layers that no other image has");
        spec.addOption(Model.flag("also when little is left of it", "-f", "--force"));
        spec.addPositional(Model.one("IMAGE", "[REGISTRY/]NAME[:TAG|@DIGEST]"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        ImageReference image = ImageReference.parse(Model.positional(parsed, 0));
        session.toolbox().existingRepository().images().remove(image, Model.has(parsed, "--force"));
        return ExitCode.DONE;
    }
}
