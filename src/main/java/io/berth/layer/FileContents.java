package io.berth.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/// Makes regular files. Always new ones: a file of a lower layer may have other names, which must keep its contents.
final class FileContents {
    private static final Set<OpenOption> NEW_ONLY =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);

    private final Tree tree;
    private final Modes modes;
    private final byte[] buffer = new byte[InflatePipeline.BUFFER_SIZE];
    private final ByteBuffer view = ByteBuffer.wrap(buffer);
    private long bytes;

    FileContents(Tree tree, Modes modes) {
        this.tree = tree;
        this.modes = modes;
    }

    long bytes() {
        return bytes;
    }

    void write(Folder parent, String name, TarArchiveEntry entry, TarEntries archive) throws IOException {
        Path path = parent.path().resolve(name);
        int mode = modes.file(entry.getMode());
        try (FileChannel file = create(parent, name, path, mode)) {
            if (entry.isSparse()) {
                copySparse(archive, file);
            } else {
                copy(archive, file);
            }
        }
        if (Modes.hasMoreThanPermissions(mode)) {
            modes.set(path, modes.masked(mode));
        }
    }

    private FileChannel create(Folder parent, String name, Path path, int mode) throws IOException {
        try {
            return FileChannel.open(path, NEW_ONLY, modes.attribute(mode));
        } catch (FileAlreadyExistsException e) {
            tree.replace(parent, name);
            return FileChannel.open(path, NEW_ONLY, modes.attribute(mode));
        }
    }

    private void copy(TarEntries archive, FileChannel file) throws IOException {
        int length;
        while ((length = archive.read(buffer)) > 0) {
            writeAll(file, length);
            bytes += length;
        }
    }

    /// Pieces of zeros become holes.
    private void copySparse(TarEntries archive, FileChannel file) throws IOException {
        long size = 0;
        int length;
        while ((length = archive.read(buffer)) > 0) {
            file.position(size);
            if (!isZero(length)) {
                writeAll(file, length);
            }
            size += length;
        }
        if (size > file.size()) {
            file.write(ByteBuffer.allocate(1), size - 1);
        }
        bytes += size;
    }

    private void writeAll(FileChannel file, int length) throws IOException {
        view.clear().limit(length);
        while (view.hasRemaining()) {
            file.write(view);
        }
    }

    private boolean isZero(int length) {
        for (int i = 0; i < length; i++) {
            if (buffer[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
