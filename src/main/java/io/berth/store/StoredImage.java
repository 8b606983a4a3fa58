package io.berth.store;

import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// An image whose every blob is in the repository.
///
/// @param digest of the manifest as stored; for images that udocker pulled it differs from the registry's, since
/// udocker rewrites manifests
/// @param manifestJson as stored
/// @param configJson as stored, handed on to containers unchanged
public record StoredImage(
        ImageReference reference,
        Digest digest,
        String manifestJson,
        String configJson,
        ImageConfig config,
        List<Layer> layersOldestFirst) {
    public StoredImage {
        layersOldestFirst = List.copyOf(layersOldestFirst);
    }

    /// @param diffId digest of the layer's tar; absent when the configuration does not list it
    public record Layer(Path file, Descriptor descriptor, Optional<Digest> diffId) {
        /// Whether the file's name is its digest; in images that udocker imported or loaded it is a mere id.
        public boolean isNamedByDigest() {
            return file.endsWith(descriptor.digest().toString());
        }
    }
}
