package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Optional;

/// Folders in which things are made before anyone may see them: `.draft-ID` beside the finished ones, held by a lease
/// that dies with its maker. Nobody but their owner can enter, so nobody can play with links in them.
public final class DraftFolders {
    static final String LEASE = "lease";
    private static final String PREFIX = ".draft-";

    private DraftFolders() {}

    /// A new one. Those whose maker was killed are removed on the way.
    static Held make(Path parent, Path folder) {
        sweep(parent);
        Folders.make(parent);
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw FaultException.io("making folder " + folder, e);
        }
        Optional<LockFile> lease = LockFile.tryAcquire(folder.resolve(LEASE));
        return new Held(folder, lease.orElseThrow());
    }

    record Held(Path folder, LockFile lease) {}

    static Path name(Path parent, String id) {
        return parent.resolve(PREFIX + id);
    }

    /// Whether its maker is at work on it.
    static boolean isHeld(Path folder) {
        Path lease = folder.resolve(LEASE);
        if (!Files.exists(lease)) {
            return false;
        }
        try (LockFile held = LockFile.tryAcquire(lease).orElse(null)) {
            return held == null;
        }
    }

    static void sweep(Path parent) {
        for (Path entry : Folders.list(parent)) {
            // prune removes what has files of other users
            if (!isDraft(entry) || isYoung(entry) || Files.exists(ContainerFiles.subIds(entry))) {
                continue;
            }
            try {
                removeAbandoned(entry);
            } catch (FaultException e) {
                // another process sweeps it too, or it is somebody else's: no reason not to make ours
            }
        }
    }

    public static boolean isDraft(Path folder) {
        return String.valueOf(folder.getFileName()).startsWith(PREFIX);
    }

    /// @return whether it was removed; not when its maker is at work on it
    public static boolean removeAbandoned(Path draft) {
        try (LockFile lease = LockFile.tryAcquire(draft.resolve(LEASE)).orElse(null)) {
            if (lease != null) {
                ContainerFiles.remove(draft);
            }
            return lease != null;
        }
    }

    /// Between making a draft and taking its lease there is a moment.
    private static boolean isYoung(Path draft) {
        try {
            Instant made = Files.getLastModifiedTime(draft).toInstant();
            return made.isAfter(Instant.now().minusSeconds(10));
        } catch (IOException e) {
            return true; // its owner has just removed or published it
        }
    }
}
