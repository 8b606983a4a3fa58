package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.DiskUsage;
import io.berth.files.Folders;
import io.berth.stage.StageLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The room in the node-local folder, on a disk that all users of the node share.
final class NodeRoom {
    private static final int MOST_NAMED = 5;

    private final Path base;

    NodeRoom(StageLayout layout) {
        this.base = layout.base();
    }

    /// Errors: NO_SPACE, before anything is written, when it cannot fit.
    ///
    /// @param bytes that it takes at the least
    void require(String what, long bytes) {
        long free = free();
        if (bytes > free) {
            throw FaultException.of(
                    Fault.NO_SPACE,
                    "unpacking " + what + ": it takes at least " + mebibytes(bytes) + ", and " + base + " has "
                            + mebibytes(free) + " left" + others(),
                    hint());
        }
    }

    /// Unpacks, and tells of a full disk who fills it.
    void use(Runnable unpacking) {
        try {
            unpacking.run();
        } catch (FaultException e) {
            throw e.fault() == Fault.NO_SPACE ? FaultException.of(e.fault(), e.getMessage() + others(), hint(), e) : e;
        }
    }

    /// That it takes memory from jobs, where it does.
    Optional<String> inMemory() {
        try {
            String type = Files.getFileStore(base).type();
            return type.equals("tmpfs") || type.equals("ramfs")
                    ? Optional.of(base + " lies in memory (" + type + "): an image that is unpacked there takes as much"
                            + " of it as it has bytes")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// What cannot be told is left to who writes.
    private long free() {
        try {
            return Files.getFileStore(base).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String hint() {
        return "make room there on the node, or choose another --node-dir (BERTH_NODE_DIR)";
    }

    private String others() {
        List<Path> folders = foldersOfOthers();
        if (folders.isEmpty()) {
            return "";
        }
        String named = String.join(
                ", ", folders.stream().limit(MOST_NAMED).map(NodeRoom::holder).toList());
        return "; others have images there too: " + named
                + (folders.size() > MOST_NAMED ? " and " + (folders.size() - MOST_NAMED) + " more" : "");
    }

    private List<Path> foldersOfOthers() {
        try {
            return Folders.entries(base.resolveSibling("")).stream()
                    .filter(folder -> String.valueOf(folder.getFileName()).matches("berth-[0-9]+"))
                    .filter(folder -> !folder.equals(base) && Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of(); // not everybody may look
        }
    }

    /// How much others have only root can see, usually.
    private static String holder(Path folder) {
        try {
            String owner = Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS).getName();
            return Files.isReadable(folder) ? owner + " " + mebibytes(DiskUsage.bytes(folder)) : owner;
        } catch (IOException e) {
            return String.valueOf(folder.getFileName());
        }
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
