package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;

/// Whether a command is better started again in a JVM with the better compiler: that one starts some 30 ms later, but
/// hashes, packs and copies several times as fast.
///
/// To be asked before anything is read from standard input, written, locked or sent.
final class MuchWork {
    private static final long MUCH_BYTES = 4L << 20;
    private static final int MANY_ENTRIES = 2000;

    private MuchWork() {}

    static boolean ofImages(List<StoredImage> images, Session session) {
        long bytes = images.stream()
                .flatMap(image -> image.layersOldestFirst().stream())
                .mapToLong(layer -> layer.descriptor().sizeBytes())
                .sum();
        return bytes > MUCH_BYTES && ofUnknownSize(session);
    }

    /// What is not there, or broken, is told of by whoever reads it.
    static boolean ofImage(ImageReference reference, Session session) {
        try {
            return ofImages(
                    session.toolbox().existingRepository().images().find(reference).stream()
                            .toList(),
                    session);
        } catch (FaultException e) {
            return false;
        }
    }

    /// @param source file or folder, or `-` for standard input, whose size nobody knows
    static boolean ofArchive(String source, Session session) {
        return (source.equals(Archives.STANDARD) || isMuch(Path.of(source))) && ofUnknownSize(session);
    }

    static boolean ofTree(Path root, Session session) {
        return isMuch(root) && ofUnknownSize(session);
    }

    static boolean ofUnknownSize(Session session) {
        return session.toolbox().startAgainForMuchWork();
    }

    /// Looks only as far as it takes to tell.
    private static boolean isMuch(Path root) {
        long bytes = 0;
        int entries = 0;
        try (Stream<Path> tree = Files.walk(root)) {
            for (Iterator<Path> each = tree.iterator(); each.hasNext(); entries++) {
                Path entry = each.next();
                bytes += Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS) || entry.equals(root)
                        ? Files.size(entry)
                        : 0;
                if (bytes > MUCH_BYTES || entries > MANY_ENTRIES) {
                    return true;
                }
            }
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
        return false;
    }
}
