package io.berth.ready;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a link has to say so that it leads to the same place when its tree is not `/`.
final class LinkText {
    /// Always the host's.
    private static final Set<String> SYSTEM = Set.of("proc", "sys", "dev");

    private LinkText() {}

    /// Absent when it may stay as it is.
    ///
    /// @param depth how many folders the link's own lies below the root
    /// @param text of the link
    static Optional<Path> relative(int depth, Path text) {
        if (text.isAbsolute()) {
            List<Path> names = clamped(0, text);
            boolean system =
                    !names.isEmpty() && SYSTEM.contains(names.getFirst().toString());
            return system ? Optional.empty() : Optional.of(joined(up(depth), names));
        }
        List<Path> names = clamped(depth, text);
        return names.size() == text.getNameCount() ? Optional.empty() : Optional.of(joined(List.of(), names));
    }

    /// The root is its own parent: steps above it are left out.
    private static List<Path> clamped(int depth, Path text) {
        List<Path> names = new ArrayList<>();
        int level = depth;
        for (Path name : text) {
            if (!name.toString().equals("..")) {
                level += name.toString().equals(".") || name.toString().isEmpty() ? 0 : 1;
                names.add(name);
            } else if (level > 0) {
                level--;
                names.add(name);
            }
        }
        return names;
    }

    private static List<Path> up(int depth) {
        List<Path> names = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            names.add(Path.of(".."));
        }
        return names;
    }

    private static Path joined(List<Path> first, List<Path> then) {
        Path all = Path.of("");
        for (Path name : first) {
            all = all.resolve(name);
        }
        for (Path name : then) {
            all = all.resolve(name);
        }
        return all.toString().isEmpty() ? Path.of(".") : all;
    }
}
