package io.berth.app;

import io.berth.image.ImageReference;
import io.berth.stage.TreeName;
import java.nio.file.Path;
import java.util.Optional;

/// Which files a step wants.
///
/// @param name of a tree that outlives the step
/// @param save the file that the tree is to be saved as
public record TreeWish(Source source, Access access, Optional<TreeName> name, Optional<Path> save) {
    /// Where the files of a step come from.
    public sealed interface Source {
        /// Pinned by digest.
        record Registry(ImageReference image) implements Source {}

        /// A path of the node.
        record OnNode(Path path) implements Source {}

        /// None: of a container that is there.
        record There() implements Source {}

        /// Of a running step of the user's, which is joined: `JOB.STEP`.
        record Running(String job, String step) implements Source {}
    }

    /// What a step may do with its files.
    public enum Access {
        READ_ONLY,
        /// Change them: those of an image in a copy of its own, a tree of the node where it is.
        WRITABLE,
        /// Change a copy of its own, whatever they come from.
        COPY
    }
}
