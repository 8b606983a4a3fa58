package io.berth.app;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.DiskUsage;
import io.berth.files.TreeCopy;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.ready.Patchelf;
import io.berth.ready.ReadyContainer;
import io.berth.store.Container;
import io.berth.store.ContainerDraft;
import io.berth.store.Repository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Copies a container under a new id: in a draft, published with one rename.
public final class CloneContainer {
    /// The original's own: its lease, and what its runs keep; and what is there before.
    private static final Set<String> NOT_COPIED = Set.of("lease", ".berth", "config.json", "subids");

    private final Repository repository;
    private final LaunchPlan.Owner caller;
    private final Optional<Patchelf> patchelf;
    private final Progress progress;

    /// @param patchelf for containers that are set up for F3 or F4
    public CloneContainer(Repository repository, LaunchPlan.Owner caller, Optional<Path> patchelf, Progress progress) {
        this.repository = repository;
        this.caller = caller;
        this.patchelf = patchelf.map(Patchelf::new);
        this.progress = progress;
    }

    /// Errors: HOST_UNFIT for a container that another tool set up for an F mode, since its files hold its own path.
    public Container copy(Container original, Optional<String> name) {
        name.ifPresent(repository.containers()::checkName);
        RestingTree resting = new RestingTree(original, caller);
        resting.settle("cloning");
        ContainerDraft draft = repository.containers().draft();
        boolean published = false;
        try (Progress.Task task = progress.begin("clone", () -> DiskUsage.bytes(original.root()))) {
            // before any file, so that whoever finds half of a copy knows whose its files are
            IdMark.of(original.folder()).ifPresent(ids -> IdMark.write(draft.folder(), ids));
            TreeCopy.copy(
                    original.folder(), draft.folder(), CloneContainer::isWanted, caller.uid() == 0, task::advance);
            renewRootPath(original, draft);
            resting.changedFor().ifPresent(mode -> prepare(original, draft, mode));
            Container clone = repository.containers().publish(draft, name);
            published = true;
            return clone;
        } finally {
            if (!published) {
                repository.containers().discard(draft);
            }
        }
    }

    /// Its files hold the place of the original; those of the clone have its own.
    private void prepare(Container original, ContainerDraft draft, String mode) {
        new ReadyContainer(original.folder()).restoreIn(draft.folder());
        try {
            Path place = repository.layout().containers().toRealPath().resolve(draft.id());
            new ReadyContainer(draft.folder()).prepare(mode, place, patchelf);
        } catch (IOException e) {
            throw FaultException.io("cloning container " + original.id(), e);
        }
    }

    private static boolean isWanted(Path entry) {
        return !NOT_COPIED.contains(String.valueOf(entry.getFileName()));
    }

    private void renewRootPath(Container original, ContainerDraft draft) {
        if (Files.exists(original.folder().resolve("root.path"))) {
            try {
                Path containers = repository.layout().containers().toRealPath();
                String path = containers.resolve(draft.id()).resolve("ROOT").toString();
                AtomicFile.write(draft.folder().resolve("root.path"), path, "rw-r--r--");
            } catch (IOException e) {
                throw FaultException.io("cloning container " + original.id(), e);
            }
        }
    }
}
