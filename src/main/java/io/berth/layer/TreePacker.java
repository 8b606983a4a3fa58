package io.berth.layer;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Packs a tree into one archive with names like `./etc/passwd`, as udocker's `export` does, in the order of names.
///
/// Kept: contents, links of both kinds, modes, times, names of any bytes; owners if wanted, else all is root's. Sockets
/// and device nodes are left out.
public final class TreePacker {
    private static final int FILE_TYPE = 0170000;
    private static final int REGULAR = 0100000;
    private static final int LINK = 0120000;
    private static final int FIFO = 0010000;
    private static final int PIECE = 1 << 18;

    private final WritableByteChannel channel;
    private final TarWriter tar;
    private final SkippedEntries skipped = new SkippedEntries();
    private final Map<Long, String> names = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE);
    private final Function<Path, Optional<Path>> packed;
    private final boolean owners;

    private TreePacker(OutputStream out, boolean owners, Function<Path, Optional<Path>> packed) {
        this.packed = packed;
        this.owners = owners;
        this.channel = Channels.newChannel(out);
        this.tar = new TarWriter(out);
    }

    /// Writes a whole archive; does not close the stream.
    ///
    /// Errors: those of the file system and of the stream; BUSY when a file shrinks while it is read.
    ///
    /// @param owners whether files keep theirs
    /// @param packed the file that is packed under the name of another one; empty to leave it out
    /// @return what was left out, a line a kind
    public static List<String> pack(
            Path root, OutputStream out, boolean owners, Function<Path, Optional<Path>> packed) {
        TreePacker packer = new TreePacker(out, owners, packed);
        try {
            packer.folder(root, "./");
            packer.tar.end();
            out.flush();
            return packer.skipped.lines();
        } catch (IOException e) {
            throw FaultException.io("packing " + root, e);
        }
    }

    private void folder(Path folder, String name) throws IOException {
        UnixStat stat = UnixStat.of(folder, LinkOption.NOFOLLOW_LINKS);
        own(stat);
        tar.header(
                name, TarEntry.FOLDER, stat.mode() & 07777, 0, stat.modified().getEpochSecond(), "");
        for (Path child : children(folder)) {
            Optional<Path> content = packed.apply(child);
            if (content.isPresent()) {
                entry(content.get(), name + ByteName.of(child.getFileName()));
            }
        }
    }

    private void own(UnixStat stat) {
        if (owners) {
            tar.owner(stat.uid(), stat.gid());
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        return Folders.entries(folder).stream().sorted().toList();
    }

    private void entry(Path path, String name) throws IOException {
        UnixStat stat = UnixStat.of(path, LinkOption.NOFOLLOW_LINKS);
        long seconds = stat.modified().getEpochSecond();
        int mode = stat.mode() & 07777;
        if (stat.isFolder()) {
            folder(path, name + "/");
            return;
        }
        own(stat);
        @Nullable String earlier = stat.links() < 2 ? null : names.putIfAbsent(stat.inode(), name);
        if (earlier != null) {
            tar.header(name, TarEntry.HARD_LINK, mode, 0, seconds, earlier);
            return;
        }
        switch (stat.mode() & FILE_TYPE) {
            case REGULAR -> file(path, name, stat);
            case LINK ->
                tar.header(name, TarEntry.SYMBOLIC_LINK, 0777, 0, seconds, ByteName.of(Files.readSymbolicLink(path)));
            case FIFO -> tar.header(name, TarEntry.FIFO, mode, 0, seconds, "");
            default -> skipped.add(SkippedEntries.Kind.SPECIAL, name);
        }
    }

    private void file(Path path, String name, UnixStat stat) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            long size = file.size();
            tar.header(
                    name,
                    TarEntry.FILE,
                    stat.mode() & 07777,
                    size,
                    stat.modified().getEpochSecond(),
                    "");
            copy(file, size, path);
            tar.pad(size);
        }
    }

    private void copy(FileChannel file, long size, Path path) throws IOException {
        for (long left = size; left > 0; ) {
            buffer.clear().limit((int) Math.min(left, buffer.capacity()));
            int length = file.read(buffer);
            if (length < 0) {
                throw FaultException.of(
                        Fault.BUSY,
                        "packing " + path + ": it became shorter meanwhile",
                        "try again when it is at rest");
            }
            buffer.flip();
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            left -= length;
        }
    }
}
