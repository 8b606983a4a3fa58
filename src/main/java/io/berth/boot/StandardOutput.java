package io.berth.boot;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Remembers why not all could be written, which a print stream forgets.
final class StandardOutput extends FileOutputStream {
    private @Nullable IOException failure;

    StandardOutput() {
        super(FileDescriptor.out);
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        try {
            super.write(bytes, from, count);
        } catch (IOException e) {
            failure = e;
            throw e;
        }
    }

    /// Empty as well when the reader of a pipe has seen enough, as `head` does.
    Optional<String> failure() {
        // a lambda here would be made anew at each start
        return failure == null || isPipe() ? Optional.empty() : Optional.of(String.valueOf(failure.getMessage()));
    }

    private static boolean isPipe() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
            return target.startsWith("pipe:") || target.startsWith("socket:");
        } catch (IOException e) {
            return false;
        }
    }
}
