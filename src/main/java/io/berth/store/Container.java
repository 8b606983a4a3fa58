package io.berth.store;

import java.nio.file.Path;

/// A container in the repository.
///
/// @param id a UUID
/// @param root the tree that becomes `/`
/// @param configJson of the image it was made from
/// @param image `name:tag` it was made from
public record Container(String id, Path folder, Path root, String configJson, String image) {}
