package io.berth.files;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// Makes and lists folders, answering in faults.
public final class Folders {
    private Folders() {}

    /// Makes the folder and its parents with the process's umask; an existing one is fine.
    public static Path make(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw FaultException.io("making folder " + folder, e);
        }
    }

    /// Makes a folder that only its owner may enter, or accepts one that is so already.
    ///
    /// Errors: NOT_ALLOWED when something else is there: another user's folder (in a shared place such as /tmp
    /// anyone may have put it there), a link, or one that others can write.
    ///
    /// @param uid who must own it
    public static Path makePrivate(Path folder, long uid) {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (FileAlreadyExistsException e) {
            refuseUnlessPrivate(folder, uid);
        } catch (IOException e) {
            throw FaultException.io("making folder " + folder, e);
        }
        return folder;
    }

    /// Names in a folder, sorted; empty when there is no such folder.
    public static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try {
            return entries(folder).stream().sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of(); // removed since
        } catch (IOException e) {
            throw FaultException.io("listing " + folder, e);
        }
    }

    /// What is in a folder, in the order in which the file system tells it.
    public static List<Path> entries(Path folder) throws IOException {
        return entries(folder, Integer.MAX_VALUE);
    }

    /// @param most of which no more are read
    public static List<Path> entries(Path folder, int most) throws IOException {
        List<Path> entries = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            Iterator<Path> each = stream.iterator();
            while (entries.size() < most && each.hasNext()) {
                entries.add(each.next());
            }
            return entries;
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /// Removes a folder that holds nothing; one that holds something, or is not there, stays as it is.
    public static void removeIfEmpty(Path folder) {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            // someone uses it
        } catch (IOException e) {
            throw FaultException.io("removing " + folder, e);
        }
    }

    private static void refuseUnlessPrivate(Path folder, long uid) {
        UnixStat stat = UnixStat.of(folder, LinkOption.NOFOLLOW_LINKS);
        if (!stat.isFolder() || stat.uid() != uid || stat.isWritableByOthers()) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "using folder " + folder + ": it is not a folder of uid " + uid + " that only its owner can write",
                    "remove it, or choose another place");
        }
    }

    /// The path itself, without links.
    ///
    /// Errors: those of looking; it has to be there.
    public static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw FaultException.io("looking for " + path, e);
        }
    }

    /// Whether the folder that holds an entry of a tree is where its name says: no link leads elsewhere on the way.
    public static boolean holdsDirectly(Path root, Path entry) throws IOException {
        Path parent = entry.resolveSibling("");
        return Files.isDirectory(parent)
                && parent.toRealPath().equals(root.toRealPath().resolve(root.relativize(parent)));
    }
}
