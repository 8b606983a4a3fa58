package io.berth.container;

import java.nio.file.Path;
import java.util.Map;

/// The files that become `/`.
///
/// @param readOnly shared with others, so nothing may write it
/// @param machine as `uname -m` says it, when its programs are for another one than this; else empty
/// @param beside where files of the tree are that a link of ours stands for, by their paths inside
public record Tree(Path root, boolean readOnly, String machine, Map<String, Path> beside) {
    public Tree {
        beside = Map.copyOf(beside);
    }

    public Tree(Path root, boolean readOnly, String machine) {
        this(root, readOnly, machine, Map.of());
    }

    /// For this machine.
    public Tree(Path root, boolean readOnly) {
        this(root, readOnly, "");
    }

    public Tree withMachine(String other) {
        return new Tree(root, readOnly, other, beside);
    }

    public Tree withBeside(Map<String, Path> files) {
        return new Tree(root, readOnly, machine, files);
    }

    /// The image's own file.
    ///
    /// @param path inside
    Path original(String path) {
        return beside.getOrDefault(path, root.resolve(path.substring(1)));
    }
}
