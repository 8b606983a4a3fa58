package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// What udocker's runs leave in a container: links in place of bound files, and mount points.
///
/// Shape: names hold `#` for `/`, as `#etc#passwd`.
/// Source: udocker 1.3, "Containers" and "R1".
public final class UdockerTraces {
    private static final String LINKED_TO = "/.bind_host_files/";

    private UdockerTraces() {}

    /// Puts the files back that an R mode of udocker has replaced by links, which lead nowhere in any other start.
    ///
    /// @return whether there was any
    public static boolean restoreFiles(Container container) {
        boolean any = false;
        for (Path original : Folders.list(container.folder().resolve(".bind_orig_files"))) {
            Path place = inTree(container.root(), String.valueOf(original.getFileName()));
            try {
                if (Files.isSymbolicLink(place)
                        && Files.readSymbolicLink(place).toString().startsWith(LINKED_TO)
                        && isInside(place, container.root())) {
                    Files.move(original, place, StandardCopyOption.ATOMIC_MOVE);
                    any = true;
                }
            } catch (IOException e) {
                throw FaultException.io("restoring " + place, e);
            }
        }
        return any;
    }

    /// Removes the mount points that runs have made, as far as they are still empty.
    public static void removeMountPoints(Container container) {
        for (Path record : Folders.list(container.folder().resolve(".mountpoints"))) {
            try {
                if (Files.isSymbolicLink(record)) {
                    Path existed = inTree(
                            container.root(), Files.readSymbolicLink(record).toString());
                    removeUpTo(
                            inTree(container.root(), String.valueOf(record.getFileName())), existed, container.root());
                    Files.deleteIfExists(record);
                }
            } catch (IOException e) {
                throw FaultException.io("removing the mount point that " + record + " names", e);
            }
        }
    }

    private static void removeUpTo(Path made, Path existed, Path root) throws IOException {
        Path point = made;
        while (point != null && point.startsWith(existed) && !point.equals(existed) && isInside(point, root)) {
            if (Files.isDirectory(point, LinkOption.NOFOLLOW_LINKS)) {
                Folders.removeIfEmpty(point);
            } else if (Files.isRegularFile(point, LinkOption.NOFOLLOW_LINKS)
                    && UnixStat.of(point, LinkOption.NOFOLLOW_LINKS).sizeBytes() == 0) {
                Files.delete(point);
            }
            if (Files.exists(point, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            point = point.getParent();
        }
    }

    private static Path inTree(Path root, String coded) {
        return root.resolve(coded.replace('#', '/').replaceAll("^/+", "")).normalize();
    }

    /// The tree is the program's to change: a link in it must not lead us out.
    private static boolean isInside(Path place, Path root) throws IOException {
        Path parent = place.getParent();
        return place.startsWith(root)
                && parent != null
                && Files.exists(parent)
                && parent.toRealPath().startsWith(root.toRealPath());
    }
}
