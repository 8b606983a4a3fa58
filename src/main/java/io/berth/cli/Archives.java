package io.berth.cli;

import io.berth.app.ArchiveSource;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;

/// Archives by the names that a command line gives them: `-` is standard input or output.
final class Archives {
    static final String STANDARD = "-";

    private static final int BUFFER = 1 << 18;

    private Archives() {}

    static ArchiveSource source(String word) {
        if (word.equals(STANDARD)) {
            // a channel, since an interruption ends its reading
            return new ArchiveSource.Streamed(
                    Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()));
        }
        Path file = Path.of(word);
        if (!Files.exists(file)) {
            throw FaultException.of(Fault.NOT_FOUND, "reading " + file + ": no such file or folder", "check the path");
        }
        return new ArchiveSource.Named(file);
    }

    /// The bytes of an archive: standard output itself, since what is said there can be silenced. A channel, since an
    /// interruption ends its writing, and so does a reader that goes away.
    static OutputStream output() {
        return new BufferedOutputStream(
                Channels.newOutputStream(new FileOutputStream(FileDescriptor.out).getChannel()), BUFFER);
    }
}
