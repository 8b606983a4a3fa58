package io.berth.container;

import java.nio.file.Path;

/// The files that become `/`.
///
/// @param readOnly shared with others, so nothing may write it
/// @param machine as `uname -m` says it, when its programs are for another one than this; else empty
public record Tree(Path root, boolean readOnly, String machine) {
    /// For this machine.
    public Tree(Path root, boolean readOnly) {
        this(root, readOnly, "");
    }

    public Tree withMachine(String other) {
        return new Tree(root, readOnly, other);
    }
}
