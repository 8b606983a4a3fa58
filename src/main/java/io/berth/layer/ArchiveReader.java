package io.berth.layer;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An archive read entry by entry, for one who looks for certain files in it and unpacks nothing. Names and targets are
/// clean: relative, without `.` and `..`.
public final class ArchiveReader implements AutoCloseable {
    private final InputStream in;
    private final TarReader tar;
    private final UnpackLimits limits;
    private long entries;

    private ArchiveReader(InputStream in, InputStream plain, UnpackLimits limits) {
        this.in = in;
        this.tar = new TarReader(new StreamBytes(plain));
        this.limits = limits;
    }

    /// @param packed gzip, zstd or plain
    public static ArchiveReader of(InputStream packed, UnpackLimits limits) {
        try {
            return new ArchiveReader(packed, Bounded.inflate(packed, limits), limits);
        } catch (IOException e) {
            throw FaultException.io("reading the archive", e);
        }
    }

    /// What an entry is here.
    public enum Kind {
        FILE,
        /// A link of either kind.
        LINK,
        OTHER
    }

    /// @param target of a link, as a name in the archive; empty otherwise
    public record Entry(String name, Kind kind, String target, long sizeBytes) {}

    /// Errors: CORRUPT when the archive is damaged, or a name leads out of it.
    public Optional<Entry> next() {
        TarEntry entry = tar.next();
        if (entry == null) {
            return Optional.empty();
        }
        if (++entries > limits.entries()) {
            throw Corrupt.limit("the archive holds more than " + limits.entries() + " entries", "unpack_max_entries");
        }
        EntryPath path = EntryPath.of(entry.name(), limits.depth());
        if (entry.isFile() && entry.isSparse()) {
            throw Corrupt.entry(entry.name(), "a sparse file where none can be");
        }
        return Optional.of(
                switch (entry.type()) {
                    case TarEntry.FILE -> new Entry(path.toString(), Kind.FILE, "", entry.size());
                    case TarEntry.HARD_LINK -> new Entry(path.toString(), Kind.LINK, clean(entry.link()), 0);
                    case TarEntry.SYMBOLIC_LINK ->
                        new Entry(
                                path.toString(),
                                Kind.LINK,
                                clean(String.join("/", path.parent()) + "/" + entry.link()),
                                0);
                    default -> new Entry(path.toString(), Kind.OTHER, "", 0);
                });
    }

    private String clean(String target) {
        return EntryPath.of(target, limits.depth()).toString();
    }

    /// The present entry's contents. Reads only until the next entry is asked for.
    public InputStream contents() {
        return new InputStream() {
            private @Nullable ByteBuffer piece;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (length == 0) {
                    return 0;
                }
                ByteBuffer from = piece;
                if (from == null || !from.hasRemaining()) {
                    from = tar.contents();
                    piece = from;
                }
                if (from == null) {
                    return -1;
                }
                int take = Math.min(length, from.remaining());
                from.get(into, offset, take);
                return take;
            }
        };
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw FaultException.io("closing the archive", e);
        }
    }
}
