package io.berth.files;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.concurrent.RecursiveAction;

/// Removes trees, also read-only ones, several folders at once. Works by open folders, so a link swapped in on the way
/// is never followed.
/// Several processes may remove one tree at once: what is gone already is no trouble.
public final class TreeRemoval {
    private static final Set<PosixFilePermission> OWNER = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private static final int MOST_TRIES = 5;

    private TreeRemoval() {}

    /// Removes a folder with all in it, a file, or a link (not what it points to). Nothing there: nothing to do.
    ///
    /// Errors: NOT_ALLOWED when something in it belongs to somebody else.
    public static void remove(Path tree) {
        try {
            removeTree(tree);
        } catch (IOException e) {
            throw FaultException.io("removing " + tree, e);
        }
    }

    public static void removeTree(Path tree) throws IOException {
        if (!Files.isDirectory(tree, LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(tree);
            return;
        }
        Path parent = tree.toAbsolutePath().getParent();
        Path name = tree.getFileName();
        if (parent == null || name == null) {
            throw new FileSystemException(tree.toString(), null, "it is the root of the file system");
        }
        try (DirectoryStream<Path> folder = Files.newDirectoryStream(parent)) {
            inPool(new Removal(secure(folder), name, tree));
        } catch (UncheckedIOException e) {
            throw ioOf(e);
        }
    }

    /// The thread that asks could help with its own tasks only, and would then wait for a single other one.
    private static void inPool(Removal removal) {
        try (ForkJoinPool pool = new ForkJoinPool()) {
            pool.invoke(removal);
        }
    }

    /// The pool may wrap what a task threw more than once.
    private static IOException ioOf(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException io) {
                return io;
            }
        }
        throw new IllegalStateException(problem);
    }

    /// One folder with all below it: the folders in it are removed at the same time. Its parent stays open meanwhile.
    private static final class Removal extends RecursiveAction {
        private static final long serialVersionUID = 1;

        private final transient SecureDirectoryStream<Path> parent;
        private final transient Path name;
        private final transient Path full;

        Removal(SecureDirectoryStream<Path> parent, Path name, Path full) {
            this.parent = parent;
            this.name = name;
            this.full = full;
        }

        @Override
        protected void compute() {
            try {
                removeFolder(parent, name, full);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void removeFolder(SecureDirectoryStream<Path> parent, Path name, Path full) throws IOException {
        try {
            for (int tries = MOST_TRIES; !removedFolder(parent, name, full, tries == 1); tries--) {
                // somebody has put a file in meanwhile, as one who sweeps does
            }
        } catch (NoSuchFileException e) {
            // another one was faster
        }
    }

    private static boolean removedFolder(SecureDirectoryStream<Path> parent, Path name, Path full, boolean last)
            throws IOException {
        makeWritable(parent, name, full);
        try (SecureDirectoryStream<Path> folder = secure(parent.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS))) {
            List<Removal> below = new ArrayList<>();
            for (Path child : names(folder)) {
                if (!removedFile(folder, child)) {
                    below.add(new Removal(folder, child, full.resolve(child)));
                }
            }
            ForkJoinTask.invokeAll(below);
        }
        try {
            parent.deleteDirectory(name);
            return true;
        } catch (DirectoryNotEmptyException e) {
            if (last) {
                throw e;
            }
            return false;
        }
    }

    /// Unlinks first and asks later: most children are files, and asking costs a call each.
    ///
    /// @return false for a folder
    private static boolean removedFile(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        try {
            folder.deleteFile(name);
        } catch (NoSuchFileException e) {
            return true;
        } catch (FileSystemException e) {
            if (!isFolder(folder, name)) {
                throw e;
            }
            return false;
        }
        return true;
    }

    private static boolean isFolder(SecureDirectoryStream<Path> folder, Path name) throws IOException {
        BasicFileAttributeView view =
                folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            return view.readAttributes().isDirectory();
        } catch (NoSuchFileException e) {
            return true; // as far as its removal goes
        }
    }

    private static void makeWritable(SecureDirectoryStream<Path> parent, Path name, Path full) throws IOException {
        PosixFileAttributeView view =
                parent.getFileAttributeView(name, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (permissions.containsAll(OWNER)) {
            return;
        }
        boolean opens = permissions.contains(PosixFilePermission.OWNER_READ);
        permissions.addAll(OWNER);
        if (opens) {
            view.setPermissions(permissions);
        } else {
            // the safe way must open the folder, which needs the very permission that is missing
            Files.setPosixFilePermissions(full, permissions);
        }
    }

    private static List<Path> names(SecureDirectoryStream<Path> folder) throws IOException {
        List<Path> names = new ArrayList<>();
        try {
            for (Path entry : folder) {
                names.add(entry.getFileName());
            }
            return names;
        } catch (DirectoryIteratorException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> folder) {
        if (folder instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IllegalStateException("Linux always has open folders");
    }
}
