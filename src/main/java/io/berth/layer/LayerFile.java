package io.berth.layer;

import io.berth.image.Descriptor;
import io.berth.image.Digest;
import java.nio.file.Path;
import java.util.Optional;

/// One layer of an image as a file.
///
/// @param file gzip, zstd or plain tar; which one is told by its first bytes, not by the media type
/// @param diffId digest of the uncompressed archive; verified while unpacking when given
public record LayerFile(Path file, Descriptor descriptor, Optional<Digest> diffId) {
    /// The layer in messages, for example `layer sha256:4f4fb700ef54`.
    String label() {
        return "layer " + descriptor.digest().algorithm() + ":"
                + descriptor.digest().shortened();
    }
}
