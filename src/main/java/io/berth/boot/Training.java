package io.berth.boot;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// Runs several command lines in one JVM, so that the build can record which classes commands use.
final class Training {
    private static final String SEPARATOR = "::";

    private Training() {}

    /// @param args command lines, separated by `::`
    public static void main(String[] args) {
        PrintStream sink = new PrintStream(PrintStream.nullOutputStream());
        List<String> line = new ArrayList<>();
        int failures = 0;
        Main.cleanUpOnSignal(Thread.currentThread());
        for (String word : args) {
            if (word.equals(SEPARATOR)) {
                failures += run(line, sink);
                line.clear();
            } else {
                line.add(word);
            }
        }
        // no halt: the cache is written by the ordinary end of the JVM; and System.exit would add logging's classes to
        // it
        if (failures > 0) {
            System.exit(1);
        }
    }

    private static int run(List<String> line, PrintStream sink) {
        int status = Main.cli(sink, System.err).execute(line.toArray(String[]::new));
        if (status != 0) {
            System.err.println("training: " + String.join(" ", line) + ": status " + status);
        }
        return status == 0 ? 0 : 1;
    }
}
