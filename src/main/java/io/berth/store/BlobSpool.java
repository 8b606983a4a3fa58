package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import io.berth.image.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;

/// A place beside the blobs for bytes whose digest is known only when the last one has come. What is not kept in the
/// end is gone with the spool.
public final class BlobSpool implements AutoCloseable {
    private static final int PIECE = 1 << 18;

    private final RepositoryLayout layout;
    private final Duration patience;
    private final DraftFolders.Held folder;
    private final AtomicInteger files = new AtomicInteger();

    BlobSpool(RepositoryLayout layout, Duration patience) {
        this.layout = layout;
        this.patience = patience;
        DraftFolders.sweep(layout.containers());
        this.folder = DraftFolders.make(
                layout.layers(),
                DraftFolders.name(layout.layers(), UUID.randomUUID().toString()));
    }

    /// Bytes that are here, with what they came to.
    public record Spooled(Path file, Digest digest, long sizeBytes) {}

    /// Takes the stream to its end.
    ///
    /// @param progress hears each number of bytes
    public Spooled add(InputStream in, LongConsumer progress) {
        Path file = next();
        MessageDigest hasher = Digest.sha256();
        long size = 0;
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] piece = new byte[PIECE];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                hasher.update(piece, 0, n);
                for (ByteBuffer rest = ByteBuffer.wrap(piece, 0, n); rest.hasRemaining(); ) {
                    out.write(rest);
                }
                size += n;
                progress.accept(n);
            }
        } catch (IOException e) {
            throw FaultException.io("writing " + file, e);
        }
        return new Spooled(file, Digest.of("sha256", hasher.digest()), size);
    }

    /// Takes a file under another name where the file system can do that, else a copy of it.
    public Spooled link(Path source, LongConsumer progress) {
        Path file = next();
        try {
            Files.createLink(file, source);
        } catch (IOException | UnsupportedOperationException e) {
            return copy(source, progress);
        }
        return new Spooled(file, digest(file, progress), size(file));
    }

    public Spooled copy(Path source, LongConsumer progress) {
        try (InputStream in = Files.newInputStream(source)) {
            return add(in, progress);
        } catch (IOException e) {
            throw FaultException.io("reading " + source, e);
        }
    }

    private static Digest digest(Path file, LongConsumer progress) {
        MessageDigest hasher = Digest.sha256();
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                hasher.update(piece, 0, n);
                progress.accept(n);
            }
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
        return Digest.of("sha256", hasher.digest());
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw FaultException.io("examining " + file, e);
        }
    }

    private Path next() {
        return folder.folder().resolve(String.valueOf(files.getAndIncrement()));
    }

    /// Makes it a blob of the store. One that is there already with this size stays, and this one goes.
    public Path keep(Spooled blob) {
        Path file = layout.blob(blob.digest());
        try (LockFile lease = BlobStore.lock(layout, blob.digest(), patience)) {
            if (Files.isRegularFile(file) && Files.size(file) == blob.sizeBytes()) {
                return file;
            }
            BlobStore.flush(blob.file());
            Files.move(blob.file(), file, StandardCopyOption.ATOMIC_MOVE);
            return file;
        } catch (IOException e) {
            throw FaultException.io("keeping blob " + blob.digest() + " in " + layout.layers(), e);
        }
    }

    @Override
    public void close() {
        try {
            TreeRemoval.remove(folder.folder());
        } finally {
            folder.lease().close();
        }
    }
}
