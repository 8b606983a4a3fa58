package io.berth.image;

/// One blob that a manifest names.
///
/// Units: size is bytes of the blob as stored (compressed).
/// Source: OCI image-spec 1.1, descriptor.md; Docker image manifest V2 schema 2.
public record Descriptor(String mediaType, Digest digest, long sizeBytes) {
    public Descriptor {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("a blob of " + sizeBytes + " bytes");
        }
    }
}
