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
import org.jspecify.annotations.Nullable;

/// Makes regular files. Always new ones: a file of a lower layer may have other names, which must keep its contents.
final class FileContents {
    private static final Set<OpenOption> NEW_ONLY =
            Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW, LinkOption.NOFOLLOW_LINKS);

    private final Tree tree;
    private final Modes modes;
    private long bytes;

    FileContents(Tree tree, Modes modes) {
        this.tree = tree;
        this.modes = modes;
    }

    long bytes() {
        return bytes;
    }

    /// @return the file
    Path write(Folder parent, String name, TarEntry entry, TarReader archive) throws IOException {
        Path path = ByteName.in(parent.path(), name);
        int mode = modes.file(entry.mode());
        try (FileChannel file = create(parent, name, path, mode)) {
            if (entry.isSparse()) {
                copySparse(archive, file, entry);
            } else {
                copy(archive, file);
            }
        }
        bytes += entry.size();
        if (Modes.hasMoreThanPermissions(mode)) {
            modes.set(path, modes.masked(mode));
        }
        return path;
    }

    private FileChannel create(Folder parent, String name, Path path, int mode) throws IOException {
        try {
            return FileChannel.open(path, NEW_ONLY, modes.attribute(mode));
        } catch (FileAlreadyExistsException e) {
            tree.replace(parent, name);
            return FileChannel.open(path, NEW_ONLY, modes.attribute(mode));
        }
    }

    private static void copy(TarReader archive, FileChannel file) throws IOException {
        ByteBuffer piece;
        while ((piece = archive.contents()) != null) {
            writeAll(file, piece);
        }
    }

    /// What is not stored becomes a hole.
    private static void copySparse(TarReader archive, FileChannel file, TarEntry entry) throws IOException {
        @Nullable ByteBuffer stored = null;
        for (TarSparse.Piece piece : entry.pieces()) {
            file.position(piece.offset());
            for (long left = piece.bytes(); left > 0; ) {
                if (stored == null || !stored.hasRemaining()) {
                    stored = archive.contents();
                }
                if (stored == null) {
                    throw new IllegalStateException("the map was checked");
                }
                int take = (int) Math.min(left, stored.remaining());
                writeAll(file, stored.duplicate().limit(stored.position() + take));
                stored.position(stored.position() + take);
                left -= take;
            }
        }
        if (entry.size() > file.size()) {
            file.write(ByteBuffer.allocate(1), entry.size() - 1);
        }
    }

    private static void writeAll(FileChannel file, ByteBuffer piece) throws IOException {
        while (piece.hasRemaining()) {
            file.write(piece);
        }
    }
}
