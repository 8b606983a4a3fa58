package io.berth.store;

import java.nio.file.Path;

/// An image as a listing shows it: nothing of it has been read.
///
/// @param name `NAME:TAG`, or `NAME@DIGEST`
public record ImageEntry(String name, Path folder, boolean isProtected) {}
