package io.berth.process;

import java.nio.file.Path;

/// Something shown inside the container that is not in its tree.
///
/// Shape: `target` is a path inside the container, absolute.
public sealed interface Mount {
    String target();

    /// A file or folder of the host.
    ///
    /// @param optional a missing source is skipped without a word
    record Bind(Path source, String target, boolean readOnly, boolean optional) implements Mount {
        public static Bind inPlace(String path) {
            return new Bind(Path.of(path), path, false, true);
        }
    }

    /// An empty file system in memory.
    ///
    /// @param options for mount(2), for example `mode=1777,size=64m`
    record Tmpfs(String target, String options) implements Mount {}
}
