package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class ImagesVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("images", "List the images in the repository");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        session.out().println("REPOSITORY");
        session.toolbox()
                .existingRepository()
                .images()
                .list()
                .forEach(image -> session.out().println(image + "    ."));
        return ExitCode.DONE;
    }
}
