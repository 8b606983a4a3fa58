package io.berth.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/// Which permission bits things get: those of the archive, less the umask, and always enough for their owner.
///
/// Setuid and setgid are dropped: without root they never mean what the image's maker meant. Like udocker (and tar) the
/// umask is obeyed, since a folder that all may write to is an open door on a shared file system.
final class Modes {
    private static final int STICKY = 01000;

    private final int umask;
    private final boolean readOnly;
    private final Map<Integer, FileAttribute<Set<PosixFilePermission>>> attributes = new HashMap<>();

    private Modes(int umask, boolean readOnly) {
        this.umask = umask;
        this.readOnly = readOnly;
    }

    /// Learns the umask by making a folder there, since Java cannot ask for it.
    static Modes of(Path directory, boolean readOnly) throws IOException {
        Path probe = directory.resolve(".berth-umask");
        Files.createDirectory(probe, new Modes(0, false).attribute(0777));
        int got = (Integer) Files.getAttribute(probe, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        Files.delete(probe);
        return new Modes(~got & 0777, readOnly);
    }

    int file(int archived) {
        int mode = (archived & (0777 | STICKY)) | 0600;
        return readOnly ? mode & ~0222 : mode;
    }

    /// What a folder gets while the tree is made; see [#closed].
    int folder(int archived) {
        return (archived & (0777 | STICKY)) | 0700;
    }

    /// What a folder of that mode gets when nothing more will be put into it.
    int closed(int folderMode) {
        return masked(readOnly ? folderMode & ~0222 : folderMode);
    }

    int masked(int mode) {
        return mode & ~umask;
    }

    /// Whether making a thing with these permissions is not enough, since the Java call cannot name this bit.
    static boolean hasMoreThanPermissions(int mode) {
        return (mode & STICKY) != 0;
    }

    /// Permissions to make a file or folder with; the kernel takes the umask off.
    FileAttribute<Set<PosixFilePermission>> attribute(int mode) {
        return attributes.computeIfAbsent(mode & 0777, bits -> PosixFilePermissions.asFileAttribute(permissions(bits)));
    }

    void set(Path path, int mode) throws IOException {
        Files.setAttribute(path, "unix:mode", mode);
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        PosixFilePermission[] highestFirst = PosixFilePermission.values();
        Set<PosixFilePermission> set = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < highestFirst.length; bit++) {
            if ((mode & (0400 >> bit)) != 0) {
                set.add(highestFirst[bit]);
            }
        }
        return set;
    }
}
