package io.berth.app;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where an archive comes from.
public sealed interface ArchiveSource {
    record Named(Path file) implements ArchiveSource {}

    /// @param in for example standard input; whoever opened it closes it
    record Streamed(InputStream in) implements ArchiveSource {}

    default InputStream open() {
        return switch (this) {
            case Named(Path file) -> {
                try {
                    yield Files.newInputStream(file);
                } catch (IOException e) {
                    throw FaultException.io("reading " + file, e);
                }
            }
            case Streamed(InputStream in) -> in;
        };
    }

    /// For progress; -1 when not known.
    default long sizeBytes() {
        return switch (this) {
            case Named(Path file) -> {
                try {
                    yield Files.size(file);
                } catch (IOException e) {
                    yield -1;
                }
            }
            case Streamed _ -> -1;
        };
    }
}
