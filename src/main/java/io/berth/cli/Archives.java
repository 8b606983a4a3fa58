package io.berth.cli;

import io.berth.app.ArchiveSource;
import io.berth.fault.FaultException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;

/// Archives by the names that a command line gives them: `-` is standard input or output.
final class Archives {
    static final String STANDARD = "-";

    private Archives() {}

    static ArchiveSource source(String word) {
        if (word.equals(STANDARD)) {
            // a channel, since an interruption ends its reading
            return new ArchiveSource.Streamed(
                    Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()));
        }
        Path file = Path.of(word);
        if (!Files.exists(file)) {
            throw FaultException.of(
                    io.berth.fault.Fault.NOT_FOUND, "reading " + file + ": no such file or folder", "check the path");
        }
        return new ArchiveSource.Named(file);
    }

    /// A reader that went away ends the writing: a print stream would go on in silence.
    static OutputStream output(PrintStream out) {
        return new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                write(new byte[] {(byte) value}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("stopped");
                }
                out.write(bytes, offset, length);
                if (out.checkError()) {
                    throw new IOException("standard output is closed");
                }
            }
        };
    }
}
