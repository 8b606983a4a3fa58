package io.berth.layer;

import io.berth.files.TreeRemoval;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The tree being written; turns names from archives into folders that are surely inside it.
///
/// Links on the way are followed as a changed root would follow them. Nobody else writes here (the tree is an invisible
/// draft), so what was once seen to be a folder or a link stays one until we replace it: no system call per entry.
final class Tree {
    /// As Linux: more links than that on one way are a loop.
    private static final int MOST_LINKS = 40;

    private static final int IMPLIED_MODE = 0755;

    private final Modes modes;
    private final Folder root;
    private long folders;

    /// @param directory an existing empty folder, no link in its path
    Tree(Path directory, Modes modes) {
        this.modes = modes;
        this.root = new Folder(directory, null, folders++, modes.masked(IMPLIED_MODE));
        // what the caller made it with is not known: set it in the end in any case
        root.wasMadeWith(-1);
    }

    int impliedMode() {
        return modes.masked(IMPLIED_MODE);
    }

    Folder root() {
        return root;
    }

    /// The folder that the components lead to; what is missing is made, a file in the way is replaced.
    Folder make(List<String> components) throws IOException {
        Folder found = walk(components, true);
        if (found == null) {
            throw new IllegalStateException("not made: " + components);
        }
        return found;
    }

    /// The folder that the components lead to, when it is there.
    Optional<Folder> find(List<String> components) throws IOException {
        return Optional.ofNullable(walk(components, false));
    }

    private @Nullable Folder walk(List<String> components, boolean make) throws IOException {
        Deque<String> ahead = new ArrayDeque<>(components);
        Folder at = root;
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.removeFirst();
            if (name.equals("..")) {
                at = at.parent();
                continue;
            }
            // no switch over types: what it makes at run time no AOT cache can hold, and costs each start milliseconds
            Known child = child(at, name, make);
            if (child instanceof Folder folder) {
                at = folder;
            } else if (child instanceof Known.Link(String target)) {
                if (++links > MOST_LINKS) {
                    throw Corrupt.entry(String.join("/", components), "its folder is a loop of symbolic links");
                }
                at = target.startsWith("/") ? root : at;
                pushFront(ahead, target);
            } else {
                return null;
            }
        }
        return at;
    }

    private static void pushFront(Deque<String> ahead, String target) {
        String[] parts = target.split("/");
        for (int i = parts.length - 1; i >= 0; i--) {
            if (!parts[i].isEmpty() && !parts[i].equals(".")) {
                ahead.addFirst(parts[i]);
            }
        }
    }

    private @Nullable Known child(Folder parent, String name, boolean make) throws IOException {
        Known known = parent.child(name);
        if (known != null) {
            return known;
        }
        Path path = ByteName.in(parent.path(), name);
        if (make) {
            try {
                return create(parent, name, path, IMPLIED_MODE);
            } catch (FileAlreadyExistsException e) {
                // see below what it is
            }
        }
        Known link = link(parent, name, path);
        if (link != null || !make) {
            return link;
        }
        replace(parent, name);
        return create(parent, name, path, IMPLIED_MODE);
    }

    /// All folders are our own and known, so only links are still to be told from files.
    private static @Nullable Known link(Folder parent, String name, Path path) throws IOException {
        try {
            Known.Link link = new Known.Link(ByteName.of(Files.readSymbolicLink(path)));
            parent.know(name, link);
            return link;
        } catch (NotLinkException | NoSuchFileException e) {
            return null;
        }
    }

    private Folder create(Folder parent, String name, Path path, int mode) throws IOException {
        Files.createDirectory(path, modes.attribute(mode));
        Folder folder = new Folder(path, parent, folders++, modes.masked(mode));
        parent.know(name, folder);
        return folder;
    }

    /// A folder of exactly that name: a link to a folder does not do and is replaced.
    Folder folder(Folder parent, String name, int mode) throws IOException {
        if (parent.child(name) instanceof Folder known) {
            return known;
        }
        Path path = ByteName.in(parent.path(), name);
        try {
            return create(parent, name, path, mode & 0777);
        } catch (FileAlreadyExistsException e) {
            replace(parent, name);
            return create(parent, name, path, mode & 0777);
        }
    }

    /// Removes whatever has that name.
    void replace(Folder parent, String name) throws IOException {
        parent.forget(name);
        Path path = ByteName.in(parent.path(), name);
        try {
            Files.deleteIfExists(path);
        } catch (DirectoryNotEmptyException e) {
            TreeRemoval.removeTree(path);
        }
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }
}
