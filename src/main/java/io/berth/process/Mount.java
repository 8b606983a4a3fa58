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
    /// @param flags more of them, as a plan says them (`nosuid`, `slave`, `cover`)
    record Bind(Path source, String target, boolean readOnly, boolean optional, List<String> flags) implements Mount {
        public Bind {
            flags = List.copyOf(flags);
        }

        public Bind(Path source, String target, boolean readOnly, boolean optional) {
            this(source, target, readOnly, optional, List.of());
        }

        /// A missing target is never made in the tree, where it would stay. Writable as far as the host's own
        /// permissions go, which every engine can do.
        public static Bind traceless(Path source, String target) {
            return new Bind(source, target, false, false, List.of("cover"));
        }

        public static Bind inPlace(String path) {
            return new Bind(Path.of(path), path, false, true);
        }

        @Override
        public List<String> line() {
            StringBuilder words = new StringBuilder(readOnly ? "ro" : "rw").append(",rec");
            if (optional) {
                words.append(",optional");
            }
            flags.forEach(flag -> words.append(',').append(flag));
            return List.of("bind", source.toString(), target, words.toString());
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
