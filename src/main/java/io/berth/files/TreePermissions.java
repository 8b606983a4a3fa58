package io.berth.files;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/// Opens a tree to its owner: each file readable and writable, each folder searchable besides. Or closes it to all
/// who write.
public final class TreePermissions {
    private static final int FOLDER = 0700;
    private static final int FILE = 0600;
    private static final int WRITE = 0222;

    private final long uid;
    private long foreign;

    private TreePermissions(long uid) {
        this.uid = uid;
    }

    /// Errors: NOT_ALLOWED when something in it belongs to somebody else; the rest has been opened then.
    ///
    /// @param uid of the owner
    public static void open(Path tree, long uid) {
        TreePermissions permissions = new TreePermissions(uid);
        try {
            permissions.visit(tree);
        } catch (IOException e) {
            throw FaultException.io("opening the permissions of " + tree, e);
        }
        if (permissions.foreign > 0) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "opening the permissions of " + tree + ": " + permissions.foreign + " files belong to other users",
                    "ask their owner or an administrator to give them to you");
        }
    }

    /// Takes every permission to write in a tree of one's own, which its owner can still read and search.
    public static void close(Path tree) {
        try {
            closeOne(tree);
        } catch (IOException e) {
            throw FaultException.io("closing the permissions of " + tree, e);
        }
    }

    private static void closeOne(Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            return;
        }
        UnixStat stat = UnixStat.of(path, LinkOption.NOFOLLOW_LINKS);
        int readable = stat.isFolder() ? FOLDER : FILE;
        Files.setAttribute(path, "unix:mode", (stat.mode() & 0777) | readable);
        if (stat.isFolder()) {
            for (Path entry : Folders.list(path)) {
                closeOne(entry);
            }
        }
        Files.setAttribute(path, "unix:mode", ((stat.mode() & 0777) | readable) & ~WRITE);
    }

    private void visit(Path path) throws IOException {
        UnixStat stat = UnixStat.of(path, LinkOption.NOFOLLOW_LINKS);
        if (stat.uid() != uid) {
            foreign++;
            return;
        }
        if (Files.isSymbolicLink(path)) {
            return;
        }
        int wanted = (stat.mode() & 07777) | (stat.isFolder() ? FOLDER : FILE);
        if (wanted != (stat.mode() & 07777)) {
            Files.setAttribute(path, "unix:mode", wanted);
        }
        if (stat.isFolder()) {
            for (Path entry : Folders.list(path)) {
                visit(entry);
            }
        }
    }
}
