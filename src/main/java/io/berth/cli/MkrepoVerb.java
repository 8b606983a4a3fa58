package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class MkrepoVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("mkrepo", "Make a repository in a new folder");
        spec.addPositional(Model.one("DIR", "the folder"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        session.toolbox().makeRepository(Model.positional(parsed, 0));
        return ExitCode.DONE;
    }
}
