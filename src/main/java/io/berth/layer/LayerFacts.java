package io.berth.layer;

import io.berth.fault.FaultException;
import io.berth.image.Digest;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/// What one must know of an archive to make it a layer of an image.
///
/// @param diffId digest of the archive, uncompressed
/// @param mediaType OCI's, which tells how it is packed
/// @param bytes uncompressed
public record LayerFacts(Digest diffId, String mediaType, long bytes) {
    private static final String OCI_LAYER = "application/vnd.oci.image.layer.v1.tar";
    private static final int MAGIC = 6;

    /// Reads the whole archive once, entry by entry.
    ///
    /// Errors: CORRUPT when it is no whole tar archive, plain or packed with gzip or zstd, or beyond the limits.
    public static LayerFacts of(Path file, UnpackLimits limits) {
        MessageDigest hasher = Digest.sha256Of(new byte[0]).hasher();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), InflatePipeline.BUFFER_SIZE)) {
            String type = mediaType(in);
            Limited plain = new Limited(Compression.inflate(in), hasher, limits.bytes());
            TarReader reader = new TarReader(new StreamBytes(plain));
            for (long entries = 0; reader.next() != null; entries++) {
                if (entries >= limits.entries()) {
                    throw Corrupt.limit(
                            "the archive holds more than " + limits.entries() + " entries", "unpack_max_entries");
                }
            }
            return new LayerFacts(Digest.of("sha256", hasher.digest()), type, plain.count);
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }

    private static String mediaType(InputStream in) throws IOException {
        in.mark(MAGIC);
        byte[] magic = in.readNBytes(MAGIC);
        in.reset();
        return switch (Compression.of(magic)) {
            case GZIP -> OCI_LAYER + "+gzip";
            case ZSTD -> OCI_LAYER + "+zstd";
            case NONE, XZ, BZIP2 -> OCI_LAYER;
        };
    }

    /// Hashes what passes, up to a limit.
    private static final class Limited extends FilterInputStream {
        private final MessageDigest hasher;
        private final long most;
        private long count;

        Limited(InputStream in, MessageDigest hasher, long most) {
            super(in);
            this.hasher = hasher;
            this.most = most;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            if (read > 0) {
                hasher.update(into, offset, read);
                count += read;
            }
            if (count > most) {
                throw Corrupt.limit("the archive holds more than " + most + " bytes", "unpack_max_megabytes");
            }
            return read;
        }
    }
}
