package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.DiskUsage;
import io.berth.files.TreeCopy;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.ContainerDraft;
import io.berth.store.Repository;
import io.berth.store.StoredMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// Copies a container under a new id: in a draft, published with one rename.
public final class CloneContainer {
    /// The original's own: its lease, and what its runs keep.
    private static final Set<String> NOT_COPIED = Set.of("lease", ".berth", "config.json");

    private final Repository repository;
    private final Progress progress;

    public CloneContainer(Repository repository, Progress progress) {
        this.repository = repository;
        this.progress = progress;
    }

    /// Errors: HOST_UNFIT for a container whose tree holds its own path, as in modes F1 to F4.
    public Container copy(Container original, Optional<String> name) {
        name.ifPresent(repository.containers()::checkName);
        StoredMode.of(original.folder()).filter(mode -> mode.startsWith("F")).ifPresent(mode -> {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "cloning container " + original.id() + ": it is set up for mode " + mode
                            + ", and its files hold its own path",
                    "set it up for another mode first, with the tool that set it up");
        });
        ContainerDraft draft = repository.containers().draft();
        boolean published = false;
        try (Progress.Task task = progress.begin("clone", () -> DiskUsage.bytes(original.root()))) {
            TreeCopy.copy(original.folder(), draft.folder(), CloneContainer::isWanted, task::advance);
            renewRootPath(original, draft);
            Container clone = repository.containers().publish(draft, name);
            published = true;
            return clone;
        } finally {
            if (!published) {
                repository.containers().discard(draft);
            }
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
