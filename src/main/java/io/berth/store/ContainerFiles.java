package io.berth.store;

import io.berth.files.TreeRemoval;
import java.nio.file.Files;
import java.nio.file.Path;

/// What lies in a container's folder beside udocker's files.
public final class ContainerFiles {
    private ContainerFiles() {}

    /// Says that files in the tree may be subordinate ids' of the owner.
    public static Path subIds(Path folder) {
        return folder.resolve("subids");
    }

    /// The tree goes first where its files are of several users: who cannot remove them leaves the file that says so.
    static void remove(Path folder) {
        if (Files.exists(subIds(folder))) {
            TreeRemoval.remove(folder.resolve("ROOT"));
        }
        TreeRemoval.remove(folder);
    }
}
