package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.LaunchPlan;
import io.berth.process.RunRecords;
import io.berth.ready.ReadyContainer;
import io.berth.ready.VolumeLinks;
import io.berth.store.Container;
import io.berth.store.ContainerFiles;
import io.berth.store.StoredMode;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What a container's files are when no start has changed them: what may leave it.
///
/// @param caller for whom runs are looked up
record RestingTree(Container container, LaunchPlan.Owner caller) {
    /// What says that files are changed, which those that leave are not.
    private static final Set<String> OF_THE_MODE =
            Set.of("execmode", "root.path", "ld.so.path", "ld.so.orig", "ld.lib.dirs", "patch.time", "patch.path");

    /// The F mode that the tree is changed for, if any.
    Optional<String> changedFor() {
        return StoredMode.of(container.folder()).filter(ContainerMode::rewritesTree);
    }

    /// Takes out the links to volumes that the last start has left.
    ///
    /// Errors: BUSY when they are in use; HOST_UNFIT when nobody knows what the files were.
    void settle(String doing) {
        ReadyContainer ready = new ReadyContainer(container.folder());
        boolean known = !ready.isInterrupted() && (changedFor().isEmpty() || ready.isOurs());
        if (!known) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    doing + " container " + container.id() + ": its files are changed for mode "
                            + changedFor().orElse("F1") + ", and hold its own path",
                    "put them back first: berth setup --execmode=P1 --force " + container.id());
        }
        VolumeLinks links = new VolumeLinks(container.folder());
        if (!links.isEmpty() && RunRecords.of(container.folder(), caller).mayRun()) {
            throw FaultException.of(
                    Fault.BUSY,
                    doing + " container " + container.id() + ": it is running, with links to volumes in its files",
                    "wait until it has ended");
        }
        links.clear();
    }

    /// The file of the host that is to leave in the place of another; empty for none.
    Function<Path, Optional<Path>> leaving() {
        Path folder = container.folder();
        Path state = ReadyContainer.stateIn(folder);
        Path mark = ContainerFiles.subIds(folder);
        if (changedFor().isEmpty()) {
            return file -> file.equals(state) || file.equals(mark) ? Optional.empty() : Optional.of(file);
        }
        ReadyContainer ready = new ReadyContainer(folder);
        return file -> {
            if (file.startsWith(container.root())) {
                return Optional.of(ready.original(file));
            }
            boolean ofTheMode = file.equals(state)
                    || file.equals(mark)
                    || (folder.equals(file.getParent()) && OF_THE_MODE.contains(String.valueOf(file.getFileName())));
            return ofTheMode ? Optional.empty() : Optional.of(file);
        };
    }
}
