package io.berth.container;

import java.nio.file.Path;
import java.util.List;

/// Programs in a tree of which nothing else is known.
public final class Programs {
    private Programs() {}

    /// Whether the word is the path of a program in the tree, or its name in one of the usual folders.
    public static boolean has(Path root, String word) {
        return new InsideView(root, List.of())
                .hasProgram(word, RunDefaults.usual().searchPath());
    }
}
