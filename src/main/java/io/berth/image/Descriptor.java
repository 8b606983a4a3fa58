package io.berth.image;

import java.net.URI;
import java.util.List;

/// One blob that a manifest names.
///
/// Units: size is bytes of the blob as stored (compressed).
/// Source: OCI image-spec 1.1, descriptor.md; Docker image manifest V2 schema 2.
///
/// @param urls where else it may be had: a registry need not have what its maker does not let others hand out
public record Descriptor(String mediaType, Digest digest, long sizeBytes, List<URI> urls) {
    public Descriptor(String mediaType, Digest digest, long sizeBytes) {
        this(mediaType, digest, sizeBytes, List.of());
    }

    public Descriptor {
        urls = List.copyOf(urls);
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a blob of " + sizeBytes + " bytes");
        }
    }
}
