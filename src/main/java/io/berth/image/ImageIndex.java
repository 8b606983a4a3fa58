package io.berth.image;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Manifests of one image for several platforms.
///
/// Source: OCI image-spec 1.1, image-index.md; Docker manifest list V2.
public record ImageIndex(List<Entry> entries) {
    public ImageIndex {
        entries = List.copyOf(entries);
    }

    /// @param platform absent when the index does not say (legal, then nobody can choose it by platform)
    public record Entry(Descriptor descriptor, Optional<Platform> platform) {}

    /// The first entry for the platform. A variant that is asked for is looked for first; an entry that names none
    /// serves as well.
    public Optional<Descriptor> choose(Platform wanted) {
        Platform anyVariant = new Platform(wanted.os(), wanted.architecture(), "");
        return first(wanted::accepts).or(() -> first(anyVariant::equals));
    }

    private Optional<Descriptor> first(Predicate<Platform> fits) {
        return entries.stream()
                .filter(entry -> entry.platform().filter(fits).isPresent())
                .findFirst()
                .map(Entry::descriptor);
    }
}
