package io.berth.store;

import java.nio.file.Path;
import java.util.List;

/// A container as a listing shows it.
///
/// @param image `name:tag` it was made from
/// @param state `W` writable, `R` not writable, `N` without a tree, `D` whose tree is no folder
public record ContainerEntry(
        String id, Path folder, String image, List<String> names, boolean isProtected, char state) {
    public ContainerEntry {
        names = List.copyOf(names);
    }
}
