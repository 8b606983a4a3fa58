package io.berth.layer;

import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// One layer of an image as a file.
///
/// @param file gzip, zstd or plain tar; which one is told by its first bytes, not by the media type
/// @param label in messages, for example `layer sha256:4f4fb700ef54`
/// @param sizeBytes of the file, for progress
/// @param diffId digest of the uncompressed archive; verified while unpacking when given
public record LayerFile(Path file, String label, long sizeBytes, Optional<Digest> diffId) {
    public LayerFile(Path file, Descriptor descriptor, Optional<Digest> diffId) {
        this(file, label(descriptor.digest()), descriptor.sizeBytes(), diffId);
    }

    /// An archive that is part of no image.
    ///
    /// Errors: NOT_FOUND and the like.
    public static LayerFile archive(Path file) {
        try {
            return new LayerFile(file, "archive " + file, Files.size(file), Optional.empty());
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }

    private static String label(Digest digest) {
        return "layer " + digest.algorithm() + ":" + digest.shortened();
    }
}
