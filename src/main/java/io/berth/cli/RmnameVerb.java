package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class RmnameVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("rmname", "Take a name away from its container");
        spec.addPositional(Model.one("NAME", "the name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        Lookup.containers(session).unname(Model.positional(parsed, 0));
        return ExitCode.DONE;
    }
}
