package io.berth.ready;

import io.berth.files.Folders;
import io.berth.files.TreeRemoval;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Puts other files and links in the place of those of a tree, each at once, and keeps the times and permissions of the
/// folders that they are in.
///
/// A new file has the time of the old one: by that it is known again as ours when it is to be put back.
final class Replacement implements AutoCloseable {
    private static final int OWNER_ALL = 0700;

    private final Path tree;
    private final Path drafts;
    private final Optional<Path> originals;
    private final Map<Path, UnixStat> folders = new HashMap<>();
    private int made;

    /// @param drafts folder on the tree's file system
    /// @param originals where each file that is replaced gets its old name below; absent to keep none
    Replacement(Path tree, Path drafts, Optional<Path> originals) {
        this.tree = tree;
        this.originals = originals;
        TreeRemoval.remove(drafts);
        this.drafts = Folders.make(drafts);
    }

    /// A name for something that will replace a file of the tree.
    synchronized Path draft() {
        return drafts.resolve(Integer.toString(made++));
    }

    void link(Path place, Path text) throws IOException {
        Path draft = draft();
        Files.createSymbolicLink(draft, text);
        put(draft, place);
    }

    /// The draft is given the permissions of what it replaces.
    void file(Path draft, Path place) throws IOException {
        int mode = UnixStat.of(place, LinkOption.NOFOLLOW_LINKS).mode() & 07777;
        Files.setAttribute(draft, "unix:mode", mode);
        put(draft, place);
    }

    /// A copy of a file or link with all that belongs to it.
    void whole(Path source, Path place) throws IOException {
        Path draft = draft();
        Files.copy(source, draft, StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
        put(draft, place);
    }

    /// One more name of what has been put into another place.
    void again(Path placed, Path place) throws IOException {
        Path draft = draft();
        Files.createLink(draft, placed);
        put(draft, place);
    }

    /// Something new, with the folders above it; what is there is gone.
    void set(Path draft, Path place) throws IOException {
        Path folder = place.resolveSibling("");
        makeFolder(folder);
        openFolder(folder);
        TreeRemoval.remove(place);
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    }

    private void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Path above = folder.resolveSibling("");
            makeFolder(above);
            openFolder(above);
            Files.createDirectory(folder);
        }
    }

    private void put(Path draft, Path place) throws IOException {
        openFolder(place.resolveSibling(""));
        time(draft, Files.getLastModifiedTime(place, LinkOption.NOFOLLOW_LINKS));
        if (originals.isPresent()) {
            Path kept = originals.get().resolve(tree.relativize(place));
            Folders.make(kept.resolveSibling(""));
            Files.deleteIfExists(kept);
            Files.createLink(kept, place);
        }
        Files.move(draft, place, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Puts a kept file back, which then is kept no more.
    void back(Path kept, Path place) throws IOException {
        openFolder(place.resolveSibling(""));
        Files.move(kept, place, StandardCopyOption.ATOMIC_MOVE);
        // of two names of one file, rename(2) leaves both
        Files.deleteIfExists(kept);
    }

    private void openFolder(Path folder) throws IOException {
        if (!folders.containsKey(folder)) {
            UnixStat stat = UnixStat.of(folder, LinkOption.NOFOLLOW_LINKS);
            folders.put(folder, stat);
            if ((stat.mode() & OWNER_ALL) != OWNER_ALL) {
                Files.setAttribute(folder, "unix:mode", (stat.mode() & 07777) | OWNER_ALL);
            }
        }
    }

    static void time(Path path, FileTime modified) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, null, null);
    }

    @Override
    public void close() throws IOException {
        for (Map.Entry<Path, UnixStat> folder : folders.entrySet()) {
            UnixStat stat = folder.getValue();
            if ((stat.mode() & OWNER_ALL) != OWNER_ALL) {
                Files.setAttribute(folder.getKey(), "unix:mode", stat.mode() & 07777);
            }
            time(folder.getKey(), FileTime.from(stat.modified()));
        }
        TreeRemoval.remove(drafts);
    }
}
