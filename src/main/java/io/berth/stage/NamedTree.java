package io.berth.stage;

import java.nio.file.Path;

/// A job's tree of a name, to change at will.
///
/// @param meeting where the ranks of all steps meet that run in it
/// @param configJson of the image that it was made of
public record NamedTree(Path root, Path meeting, String configJson) {}
