package io.berth.layer;

import io.berth.fault.FaultException;
import io.berth.image.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
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
        MessageDigest hasher = Digest.sha256();
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), InflatePipeline.BUFFER_SIZE)) {
            String type = mediaType(in);
            Bounded plain = Bounded.inflate(in, limits);
            TarReader reader = new TarReader(new StreamBytes(new DigestInputStream(plain, hasher)));
            for (long entries = 0; reader.next() != null; entries++) {
                if (entries >= limits.entries()) {
                    throw Corrupt.limit(
                            "the archive holds more than " + limits.entries() + " entries", "unpack_max_entries");
                }
            }
            return new LayerFacts(Digest.of("sha256", hasher.digest()), type, plain.count());
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
}
