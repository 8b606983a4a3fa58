package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class VersionVerb implements Verb {
    @Override
    public CommandSpec spec() {
        return Model.command("version", "Print the version");
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        session.out().println("version: " + session.toolbox().version());
        return ExitCode.DONE;
    }

    @Override
    public boolean isHarmless() {
        return true;
    }
}
