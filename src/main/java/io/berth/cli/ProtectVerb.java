package io.berth.cli;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.Container;
import io.berth.store.Repository;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `protect` and `unprotect`: a container, or an image when there is no such container.
final class ProtectVerb implements Verb {
    private final boolean on;

    ProtectVerb(boolean on) {
        this.on = on;
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = on
                ? Model.command("protect", "Keep a container or an image from being removed")
                : Model.command("unprotect", "Let a protected container or image be removed again");
        spec.addPositional(Model.one("CONTAINER|IMAGE", "a container's id or name, or an image"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String word = Model.positional(parsed, 0);
        Repository repository = session.toolbox().existingRepository();
        Optional<Container> container = repository.containers().find(word);
        if (container.isPresent()) {
            repository.containers().protect(container.get(), on);
            return ExitCode.DONE;
        }
        try {
            repository.images().protect(ImageReference.parse(word), on);
        } catch (FaultException e) {
            if (e.fault() != Fault.NOT_FOUND && e.fault() != Fault.BAD_INPUT) {
                throw e;
            }
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    (on ? "protecting " : "unprotecting ") + word + ": there is no such container or image",
                    repository.hintFor(word),
                    e);
        }
        return ExitCode.DONE;
    }
}
