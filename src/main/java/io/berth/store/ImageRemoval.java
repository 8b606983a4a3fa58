package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/// Takes images away, and the blobs that no other image has.
///
/// Order: the file `TAG` goes first, which is the moment the image is gone; then its blobs, then the links. What an
/// interruption leaves is no image, still names its blobs, and is taken away by the next removal.
final class ImageRemoval {
    private final RepositoryLayout layout;

    ImageRemoval(RepositoryLayout layout) {
        this.layout = layout;
    }

    /// The caller holds the lock of the images.
    void remove(Path folder) {
        try {
            Files.deleteIfExists(folder.resolve("TAG"));
            sweep();
        } catch (IOException e) {
            throw FaultException.io("removing image " + folder, e);
        }
    }

    private void sweep() throws IOException {
        ImageFolders folders = ImageFolders.walk(layout.images());
        for (Path unfinished : folders.unfinished()) {
            dismantle(unfinished, folders.blobs());
        }
    }

    private void dismantle(Path folder, Set<String> inUse) throws IOException {
        for (String name : ImageFolders.names(folder)) {
            Path entry = folder.resolve(name);
            if (Files.isSymbolicLink(entry)) {
                String blob = ImageFolders.targetOf(entry);
                if (!inUse.contains(blob)) {
                    Files.deleteIfExists(layout.layers().resolve(blob));
                }
                Files.deleteIfExists(entry);
            } else if (Files.isRegularFile(entry)) {
                Files.deleteIfExists(entry);
            }
        }
        removeEmptyUpTo(folder);
    }

    /// udocker leaves the empty folders of a name behind, which is no harm and no use.
    private void removeEmptyUpTo(Path folder) {
        Path empty = folder;
        while (empty != null
                && !empty.equals(layout.images())
                && ImageFolders.names(empty).isEmpty()) {
            Folders.removeIfEmpty(empty);
            empty = empty.getParent();
        }
    }
}
