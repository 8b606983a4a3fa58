package io.berth.layer;

/// What a name in a folder is known to be, as far as it matters on the way to others. Files are not kept.
sealed interface Known permits Folder, Known.Link {
    /// @param target as the link holds it
    record Link(String target) implements Known {}
}
