package io.berth.stage;

import java.nio.file.Path;

/// Fills an empty folder with an image's files.
@FunctionalInterface
public interface TreeSource {
    /// @return the image's configuration, JSON
    String unpackInto(Path root);
}
