package io.berth.cli;

import io.berth.engine.ExecutionMode;

/// What is shown when a container starts at a terminal.
final class Banner {
    private static final int WIDTH = 78;

    private Banner() {}

    /// A box with the container, then the program.
    ///
    /// Source: udocker 1.3, whose users know the mode's family by the character that it is drawn with.
    static String of(ExecutionMode mode, String container, String program) {
        String edge = (mode.name().startsWith("P") ? "*" : "%");
        String line = " " + edge.repeat(WIDTH) + "\n";
        return "\n" + line + row(edge, "") + row(edge, "STARTING " + container) + row(edge, "") + line + " executing: "
                + program + "\n";
    }

    private static String row(String edge, String text) {
        int left = (WIDTH - 2 - text.length()) / 2;
        return " " + edge + (" ".repeat(Math.max(left, 0)) + text + " ".repeat(WIDTH)).substring(0, WIDTH - 2) + edge
                + "\n";
    }
}
