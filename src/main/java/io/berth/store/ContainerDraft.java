package io.berth.store;

import io.berth.files.LockFile;
import java.nio.file.Path;

/// A container that nobody else can see yet. [ContainerStore#publish] makes it a [Container].
///
/// @param lease held by its maker; a draft whose lease is free is swept
public record ContainerDraft(String id, Path folder, Path root, LockFile lease) {}
