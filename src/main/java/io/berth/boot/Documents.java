package io.berth.boot;

import io.berth.cli.Reference;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import java.nio.file.Path;

/// Writes the manual and the completion scripts into the distribution, when it is built.
final class Documents {
    private Documents() {}

    /// @param args version, folder
    public static void main(String[] args) {
        Path share = Path.of(args[1]);
        Reference.files(args[0]).forEach((name, text) -> {
            Path file = share.resolve(name);
            Folders.make(file.resolveSibling(""));
            AtomicFile.write(file, text, "rw-r--r--");
        });
    }
}
