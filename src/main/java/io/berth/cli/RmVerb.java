package io.berth.cli;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.store.ContainerStore;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

final class RmVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("rm", "Remove a container");
        spec.addPositional(Model.one("CONTAINER", "its id or name"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        ContainerStore containers = session.toolbox().existingRepository().containers();
        containers.remove(containers
                .find(word)
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "removing container " + word + ": there is no such container",
                        "berth ps lists them")));
        return ExitCode.DONE;
    }
}
