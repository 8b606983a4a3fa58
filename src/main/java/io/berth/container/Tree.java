package io.berth.container;

import java.nio.file.Path;

/// The files that become `/`.
///
/// @param readOnly shared with others, so nothing may write it
public record Tree(Path root, boolean readOnly) {}
