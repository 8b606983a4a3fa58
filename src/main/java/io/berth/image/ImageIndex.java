package io.berth.image;

import java.util.List;
import java.util.Optional;

/// Manifests of one image for several platforms.
///
/// Source: OCI image-spec 1.1, image-index.md; Docker manifest list V2.
public record ImageIndex(List<Entry> entries) {
    public ImageIndex {
        entries = List.copyOf(entries);
    }

    /// @param platform absent when the index does not say (legal, then nobody can choose it by platform)
    public record Entry(Descriptor descriptor, Optional<Platform> platform) {}

    /// The first entry for the platform; an exact variant is preferred to none.
    public Optional<Descriptor> choose(Platform wanted) {
        return entries.stream()
                .filter(entry -> entry.platform().filter(wanted::accepts).isPresent())
                .findFirst()
                .map(Entry::descriptor);
    }
}
