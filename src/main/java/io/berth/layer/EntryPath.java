package io.berth.layer;

import java.util.ArrayList;
import java.util.List;

/// A name from an archive, relative to the tree's root.
///
/// Shape: components are bytes, see [ByteName]; none is empty, `.`, `..` or holds a slash. The root has none.
record EntryPath(List<String> components) {
    /// Absolute names become relative; `..` is followed by the letter and must not lead out.
    ///
    /// Errors: CORRUPT when it does, or when there are more than `depth` components.
    static EntryPath of(String name, int depth) {
        List<String> components = new ArrayList<>(8);
        int start = 0;
        while (start <= name.length()) {
            int slash = name.indexOf('/', start);
            int end = slash < 0 ? name.length() : slash;
            step(components, name, start, end);
            start = end + 1;
        }
        if (components.size() > depth) {
            throw Corrupt.limit(
                    "entry '" + ByteName.shown(name) + "': it lies " + components.size() + " folders deep, at most "
                            + depth + " are allowed",
                    "unpack_max_depth");
        }
        return new EntryPath(components);
    }

    private static void step(List<String> components, String name, int start, int end) {
        int length = end - start;
        if (length == 0 || (length == 1 && name.charAt(start) == '.')) {
            return;
        }
        if (length == 2 && name.startsWith("..", start)) {
            if (components.isEmpty()) {
                throw Corrupt.entry(name, "it lies outside the tree");
            }
            components.removeLast();
            return;
        }
        components.add(name.substring(start, end));
    }

    boolean isRoot() {
        return components.isEmpty();
    }

    String name() {
        return components.getLast();
    }

    List<String> parent() {
        return components.subList(0, components.size() - 1);
    }

    /// As text, for people.
    @Override
    public String toString() {
        return ByteName.shown(String.join("/", components));
    }
}
