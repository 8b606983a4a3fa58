package io.berth.layer;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes an archive of given files, the same bytes for the same files: all times are zero.
public final class ArchiveWriter {
    private static final int FILE_MODE = 0644;
    private static final int FOLDER_MODE = 0755;

    private final OutputStream out;
    private final TarWriter tar;

    public ArchiveWriter(OutputStream out) {
        this.out = out;
        this.tar = new TarWriter(out);
    }

    public void folder(String name) {
        write(name, () -> tar.header(name + "/", TarEntry.FOLDER, FOLDER_MODE, 0, 0, ""));
    }

    public void file(String name, byte[] contents) {
        write(name, () -> {
            tar.header(name, TarEntry.FILE, FILE_MODE, contents.length, 0, "");
            out.write(contents);
            tar.pad(contents.length);
        });
    }

    public void file(String name, Path contents) {
        write(name, () -> {
            long size = Files.size(contents);
            tar.header(name, TarEntry.FILE, FILE_MODE, size, 0, "");
            try (InputStream in = Files.newInputStream(contents)) {
                if (in.transferTo(out) != size) {
                    throw new IOException(contents + " changed meanwhile");
                }
            }
            tar.pad(size);
        });
    }

    public void end() {
        write("the end", () -> {
            tar.end();
            out.flush();
        });
    }

    private interface Writing {
        void run() throws IOException;
    }

    private static void write(String name, Writing writing) {
        try {
            writing.run();
        } catch (IOException e) {
            throw FaultException.io("writing " + name + " into the archive", e);
        }
    }
}
