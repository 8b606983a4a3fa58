package io.berth.cli;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.store.Container;
import io.berth.store.ContainerStore;
import java.util.Optional;

/// Finds the container that a word means, or says which one was probably meant.
final class Lookup {
    private Lookup() {}

    static ContainerStore containers(Session session) {
        return session.toolbox().existingRepository().containers();
    }

    /// Errors: NOT_FOUND.
    static Container container(Session session, String word, String doing) {
        ContainerStore containers = containers(session);
        Optional<Container> found = containers.find(word);
        return found.orElseThrow(() -> FaultException.of(
                Fault.NOT_FOUND,
                doing + " container " + word + ": there is no such container",
                containers.hintFor(word)));
    }
}
