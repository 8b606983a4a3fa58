package io.berth.cli;

import org.jspecify.annotations.Nullable;

/// The form of every message: what went wrong in one line, what to do in another.
final class Complaint {
    private Complaint() {}

    static String text(String tool, String message, @Nullable String hint) {
        return tool + ": " + oneLine(message) + "\n" + (hint == null ? "" : "hint: " + oneLine(hint) + "\n");
    }

    /// What a user gave may hold line ends, or sequences that a terminal obeys.
    private static String oneLine(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
