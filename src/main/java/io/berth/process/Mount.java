package io.berth.process;

import java.nio.file.Path;
import java.util.List;

/// Something shown inside the container that is not in its tree.
///
/// Shape: `target` is a path inside the container, absolute.
public sealed interface Mount {
    String target();

    /// Its line in a plan.
    List<String> line();

    /// A file or folder of the host.
    ///
    /// @param optional a missing source is skipped without a word
    record Bind(Path source, String target, boolean readOnly, boolean optional) implements Mount {
        public static Bind inPlace(String path) {
            return new Bind(Path.of(path), path, false, true);
        }

        @Override
        public List<String> line() {
            String flags = (readOnly ? "ro" : "rw") + ",rec" + (optional ? ",optional" : "");
            return List.of("bind", source.toString(), target, flags);
        }
    }

    /// An empty file system in memory.
    ///
    /// @param options for mount(2), for example `mode=1777,size=64m`
    record Tmpfs(String target, String options) implements Mount {
        @Override
        public List<String> line() {
            return List.of("tmpfs", target, options);
        }
    }
}
