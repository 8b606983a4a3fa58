package io.berth.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// The processes of this machine that one may look into: one's own.
public final class OwnProcesses {
    private OwnProcesses() {}

    /// Whether a word stands in the command line or the variables of one of them: udocker leaves no other trace of what
    /// it runs.
    public static boolean name(String word) {
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[1-9]*")) {
            long self = ProcessHandle.current().pid();
            for (Path process : processes) {
                boolean ours = process.endsWith(Long.toString(self));
                if (!ours && (holds(process.resolve("cmdline"), word) || holds(process.resolve("environ"), word))) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            return false; // without /proc nobody can tell
        }
    }

    private static boolean holds(Path file, String word) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(word);
        } catch (IOException e) {
            return false; // it has ended, or is another user's
        }
    }
}
