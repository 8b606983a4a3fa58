package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.progress.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;

/// The blobs of a repository: `layers/sha256:HEX`, complete and verified or not there.
public final class BlobStore {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final RepositoryLayout layout;
    private final Duration patience;

    /// @param patience how long to wait for another process that fetches the same blob
    public BlobStore(RepositoryLayout layout, Duration patience) {
        this.layout = layout;
        this.patience = patience;
    }

    /// Whether the blob is here, judged by its size: a kept blob was verified before it got its name, and unpacking
    /// verifies again.
    public boolean holds(Descriptor blob) {
        try {
            return Files.size(layout.blob(blob.digest())) == blob.sizeBytes();
        } catch (IOException e) {
            return false;
        }
    }

    public Path file(Descriptor blob) {
        return layout.blob(blob.digest());
    }

    /// Success means "it is in the store", not "this call put it there". One process fetches, others wait for it.
    /// What an interrupted transfer left is gone on with.
    ///
    /// Errors: CORRUPT when size or digest do not fit (nothing is kept then), NO_SPACE, BUSY, and those of the
    /// source.
    public Path keep(Descriptor blob, BlobSource source, Progress progress) {
        Path file = layout.blob(blob.digest());
        try (LockFile lease = lock(layout, blob.digest(), patience)) {
            if (holds(blob)) {
                return file;
            }
            Path part = layout.partialBlob(blob.digest());
            fetchOrStartAgain(blob, source, part, progress);
            flush(part);
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            return file;
        } catch (IOException e) {
            throw FaultException.io("keeping blob " + blob.digest() + " in " + layout.layers(), e);
        }
    }

    static LockFile lock(RepositoryLayout layout, Digest blob, Duration patience) {
        Folders.make(layout.locks());
        return LockFile.acquire(layout.lock(blob.hex()), patience, "blob " + blob.shortened());
    }

    /// Blobs are trusted by their names later on, so their bytes must be on the device before the name is.
    static void flush(Path file) throws IOException {
        // for reading, since a moved archive may be read-only
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(false);
        }
    }

    /// A place for bytes whose digest is not known yet. The caller closes it.
    public BlobSpool spool() {
        return new BlobSpool(layout, patience);
    }

    /// What an interrupted transfer left may be damaged itself: then all is fetched once more before anyone is blamed.
    private static void fetchOrStartAgain(Descriptor blob, BlobSource source, Path part, Progress progress)
            throws IOException {
        boolean resumed = Files.exists(part);
        try {
            fetch(blob, source, part, progress);
        } catch (FaultException e) {
            if (!resumed || e.fault() != Fault.CORRUPT) {
                throw e;
            }
            fetch(blob, source, part, progress);
        }
    }

    private static void fetch(Descriptor blob, BlobSource source, Path part, Progress progress) throws IOException {
        MessageDigest hasher = blob.digest().hasher();
        long have = digestOfPart(part, blob, hasher);
        try (Progress.Task task = progress.begin(blob.digest().shortened(), blob.sizeBytes())) {
            task.advance(have);
            if (have == 0 || have < blob.sizeBytes()) {
                try (InputStream in = source.open(have);
                        OutputStream out =
                                Files.newOutputStream(part, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                    copy(in, out, hasher, task);
                }
            }
        } catch (IOException e) {
            removeUnlessResumable(part, e);
            throw e;
        }
        verify(blob, part, hasher);
    }

    private static void copy(InputStream in, OutputStream out, MessageDigest hasher, Progress.Task task)
            throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            hasher.update(buffer, 0, n);
            out.write(buffer, 0, n);
            task.advance(n);
        }
    }

    /// @return bytes already there; a part that is too long is thrown away
    private static long digestOfPart(Path part, Descriptor blob, MessageDigest hasher) throws IOException {
        if (!Files.exists(part)) {
            return 0;
        }
        if (Files.size(part) > blob.sizeBytes()) {
            Files.delete(part);
            return 0;
        }
        long bytes = 0;
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(part)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hasher.update(buffer, 0, n);
                bytes += n;
            }
        }
        return bytes;
    }

    private static void verify(Descriptor blob, Path part, MessageDigest hasher) throws IOException {
        long bytes = Files.exists(part) ? Files.size(part) : 0;
        Digest got = Digest.of(blob.digest().algorithm(), hasher.digest());
        if (bytes == blob.sizeBytes() && got.equals(blob.digest())) {
            return;
        }
        Files.deleteIfExists(part);
        String why = bytes == blob.sizeBytes()
                ? "its digest is " + got
                : bytes + " bytes came instead of " + blob.sizeBytes();
        throw FaultException.of(
                Fault.CORRUPT,
                "verifying blob " + blob.digest() + ": " + why,
                "pull again; if it stays so, the registry holds a damaged blob");
    }

    /// A full disk must not stay full because of us.
    private static void removeUnlessResumable(Path part, IOException cause) {
        if (FaultException.io("", cause).fault() == Fault.NO_SPACE) {
            try {
                Files.deleteIfExists(part);
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
        }
    }
}
