package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class RenameVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("rename", "Give a container another name instead of one it has");
        spec.addPositional(Model.one("NAME", "the name it has"));
        spec.addPositional(Model.at(1, "NEWNAME", "the name it gets"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Lookup.containers(session).rename(Model.positional(parsed, 0), Model.positional(parsed, 1));
        return ExitCode.DONE;
    }
}
