package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// The execution mode that `setup` wrote into a container.
///
/// Source: udocker 1.3, "Containers": `execmode`, and `root.path`, the real path of the tree at that time.
public final class StoredMode {
    private StoredMode() {}

    /// By udocker's name, `P1` for example; absent when none was set.
    public static Optional<String> of(Path containerFolder) {
        return Optional.of(ContainerFolders.text(containerFolder.resolve("execmode")))
                .filter(mode -> !mode.isEmpty());
    }

    /// Whether the tree is where it was when its mode was set.
    public static boolean isInPlace(Container container) {
        try {
            return ContainerFolders.text(container.folder().resolve("root.path"))
                    .equals(container.root().toRealPath().toString());
        } catch (IOException e) {
            throw FaultException.io("looking for " + container.root(), e);
        }
    }

    /// The mode last, so that an interruption leaves the old one.
    public static void set(Container container, String mode) {
        try {
            String path = container.root().toRealPath().toString();
            AtomicFile.write(container.folder().resolve("root.path"), path, "rw-r--r--");
            AtomicFile.write(container.folder().resolve("execmode"), mode, "rw-r--r--");
        } catch (IOException e) {
            throw FaultException.io("setting the mode of container " + container.id(), e);
        }
    }

    /// Whether the NVIDIA driver's files were copied into it.
    public static boolean hasNvidia(Container container) {
        return Files.exists(container.folder().resolve("nvidia"));
    }
}
