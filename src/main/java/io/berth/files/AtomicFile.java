package io.berth.files;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/// Writes small files so that a reader sees the old content or the new one, never a part.
public final class AtomicFile {
    private static final Pattern DRAFT = Pattern.compile("\\..+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private AtomicFile() {}

    /// Writes beside the target, flushes to the device, and renames over it.
    ///
    /// @param permissions as `rw-r--r--`
    public static void write(Path target, String content, String permissions) {
        Path draft = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        Set<PosixFilePermission> mode = PosixFilePermissions.fromString(permissions);
        try {
            try (FileChannel channel = FileChannel.open(
                    draft,
                    Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                    PosixFilePermissions.asFileAttribute(mode))) {
                ByteBuffer bytes = ByteBuffer.wrap(content.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("writing " + target, afterRemoving(draft, e));
        }
    }

    /// Removes what writers left in a folder that were killed between writing and renaming.
    public static void sweep(Path folder) {
        Instant old = Instant.now().minus(Duration.ofMinutes(1));
        for (Path entry : Folders.list(folder)) {
            if (DRAFT.matcher(String.valueOf(entry.getFileName())).matches()) {
                try {
                    if (Files.getLastModifiedTime(entry).toInstant().isBefore(old)) {
                        Files.deleteIfExists(entry);
                    }
                } catch (NoSuchFileException e) {
                    // its writer lives and has just renamed it
                } catch (IOException e) {
                    throw FaultException.io("removing " + entry, e);
                }
            }
        }
    }

    /// Reads a whole small file as UTF-8.
    public static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }

    private static IOException afterRemoving(Path draft, IOException cause) {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
        return cause;
    }
}
