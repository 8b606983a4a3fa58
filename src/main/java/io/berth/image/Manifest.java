package io.berth.image;

import java.util.List;

/// What one image consists of.
///
/// Shape: layers oldest (base) first.
/// Source: OCI image-spec 1.1, manifest.md; Docker image manifest V2 schema 2 (same fields).
public record Manifest(String mediaType, Descriptor config, List<Descriptor> layersOldestFirst) {
    public Manifest {
        layersOldestFirst = List.copyOf(layersOldestFirst);
    }
}
