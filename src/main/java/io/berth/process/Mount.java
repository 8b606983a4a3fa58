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
    /// @param traceless a missing target is never made in the tree, where it would stay
    record Bind(Path source, String target, boolean readOnly, boolean optional, boolean traceless) implements Mount {
        public Bind(Path source, String target, boolean readOnly, boolean optional) {
            this(source, target, readOnly, optional, false);
        }

        /// Writable as far as the host's own permissions go, which every engine can do.
        public static Bind traceless(Path source, String target) {
            return new Bind(source, target, false, false, true);
        }

        public static Bind inPlace(String path) {
            return new Bind(Path.of(path), path, false, true);
        }

        @Override
        public List<String> line() {
            String flags =
                    (readOnly ? "ro" : "rw") + ",rec" + (optional ? ",optional" : "") + (traceless ? ",cover" : "");
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
