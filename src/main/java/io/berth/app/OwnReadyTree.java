package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.engine.ExecutionMode;
import io.berth.ready.VolumeLinks;
import io.berth.store.Container;
import io.berth.store.StoredMode;
import java.nio.file.Files;
import java.util.Optional;

/// The tree of a container in the repository: what `setup` made of it is what there is.
record OwnReadyTree(Container container) implements ReadyTrees {
    @Override
    public Optional<String> objection(ExecutionMode mode, ContainerSpec spec) {
        if (!StoredMode.of(container.folder()).equals(Optional.of(mode.name()))) {
            return Optional.of("start a container that is not set up for it (berth setup --execmode=" + mode + " "
                    + container.id() + ")");
        }
        return Files.isWritable(container.folder())
                ? Optional.empty()
                : spec.mounts().stream()
                        .filter(VolumeLinks::isWanted)
                        .findFirst()
                        .map(mount -> "show something at " + mount.target() + " in a tree that cannot be written to");
    }

    @Override
    public ContainerSpec ready(ExecutionMode mode, ContainerSpec spec) {
        return spec;
    }
}
