package io.berth.app;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where an archive comes from.
public sealed interface ArchiveSource {
    record Named(Path file) implements ArchiveSource {
        @Override
        public InputStream open() {
            try {
                return Files.newInputStream(file);
            } catch (IOException e) {
                throw FaultException.io("reading " + file, e);
            }
        }

        @Override
        public long sizeBytes() {
            try {
                return Files.size(file);
            } catch (IOException e) {
                return -1;
            }
        }
    }

    /// @param in for example standard input; whoever opened it closes it
    record Streamed(InputStream in) implements ArchiveSource {
        @Override
        public InputStream open() {
            return in;
        }

        @Override
        public long sizeBytes() {
            return -1;
        }
    }

    InputStream open();

    /// For progress; -1 when not known.
    long sizeBytes();
}
