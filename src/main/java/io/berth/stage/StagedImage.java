package io.berth.stage;

import io.berth.image.Digest;
import java.nio.file.Path;

/// An unpacked image on the node: read-only, shared by all the user's jobs there.
public record StagedImage(Digest digest, Path root, String configJson) {}
