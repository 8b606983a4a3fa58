package io.berth.files;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes a large file that a user named: it has its name only when it is whole.
public final class OutputFile {
    private static final int BUFFER = 1 << 18;

    private OutputFile() {}

    /// Writes the contents. Faults pass through.
    @FunctionalInterface
    public interface Contents {
        void into(OutputStream out);
    }

    /// Errors: BUSY when something has that name already.
    public static void create(Path target, Contents contents) {
        if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw FaultException.of(
                    Fault.BUSY, "writing " + target + ": it exists already", "remove it, or choose another name");
        }
        beside(target, contents);
    }

    /// A file of that name is replaced; a device or a pipe is written to.
    public static void replace(Path target, Contents contents) {
        if (Files.exists(target) && !Files.isRegularFile(target) && !Files.isDirectory(target)) {
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), BUFFER)) {
                contents.into(out);
            } catch (IOException e) {
                throw FaultException.io("writing " + target, e);
            }
        } else {
            beside(target, contents);
        }
    }

    private static void beside(Path target, Contents contents) {
        Path draft = target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID());
        try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
            contents.into(out);
            out.flush();
            channel.force(true);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("writing " + target, e);
        } finally {
            TreeRemoval.remove(draft);
        }
    }
}
