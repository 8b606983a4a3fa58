package io.berth.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class NameVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("name", "Give a container a name; it may have several");
        spec.addPositional(Model.one("CONTAINER", "its id or a name it has"));
        spec.addPositional(Model.at(1, "NAME", "the new name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String id =
                Lookup.container(session, Model.positional(parsed, 0), "naming").id();
        Lookup.containers(session).name(id, Model.positional(parsed, 1));
        return ExitCode.DONE;
    }
}
