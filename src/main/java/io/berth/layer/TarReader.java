package io.berth.layer;

import java.nio.ByteBuffer;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The entries of one archive: v7, ustar, pax, GNU and star, names as bytes.
///
/// Source: POSIX.1-2017 pax; GNU tar 1.34, "Basic Tar Format" and its extensions.
final class TarReader {
    static final int RECORD = 512;
    /// Long names and attribute headers of one entry; Linux allows names of 4 kB and attributes of 64 kB.
    private static final int HEADER_LIMIT = 1 << 20;

    private static final String XATTR = "SCHILY.xattr.";
    private static final int SIZE_AT = 124;
    private static final int NUMBER = 12;

    private final TarBytes bytes;
    private final byte[] record = new byte[RECORD];
    private final Map<String, String> global = new HashMap<>();
    private boolean first = true;
    private long left;
    private int padding;

    /// What came before an entry and belongs to it.
    private static final class Ahead {
        private @Nullable String name;
        private @Nullable String link;
        private @Nullable Map<String, String> pax;
        private int bytes;
    }

    TarReader(TarBytes bytes) {
        this.bytes = bytes;
    }

    /// The next entry, or null at the end, when the whole archive was read. Skips unread contents.
    ///
    /// Errors: CORRUPT.
    @Nullable
    TarEntry next() {
        skipContents();
        Ahead ahead = new Ahead();
        while (readHeader()) {
            try {
                TarEntry entry = entry(ahead);
                if (entry != null) {
                    return entry;
                }
            } catch (NumberFormatException e) {
                throw Corrupt.archive(
                        "the archive is damaged (" + e.getMessage() + " after " + bytes.count() + " bytes)", e);
            }
        }
        return null;
    }

    /// The next stored bytes of the present entry, null at their end.
    ///
    /// Errors: CORRUPT when the archive ends within the entry.
    @Nullable
    ByteBuffer contents() {
        if (left == 0) {
            return null;
        }
        ByteBuffer piece = bytes.next(left);
        if (piece == null) {
            throw Corrupt.tooEarly();
        }
        left -= piece.remaining();
        return piece;
    }

    private void skipContents() {
        if (!bytes.skip(left + padding)) {
            throw Corrupt.tooEarly();
        }
        left = 0;
        padding = 0;
    }

    private boolean readHeader() {
        int length = bytes.read(record, 0, RECORD);
        if (length < RECORD && length > 0) {
            throw first ? Corrupt.archive("it is not a tar archive") : Corrupt.tooEarly();
        }
        if (length == 0 && first) {
            throw Corrupt.archive("the archive is empty");
        }
        if (length == 0 || isZero(record)) {
            bytes.drain();
            return false;
        }
        if (!TarNumbers.isChecksumGood(record)) {
            throw first
                    ? Corrupt.archive("it is not a tar archive")
                    : Corrupt.archive("the header after " + bytes.count() + " bytes is damaged");
        }
        first = false;
        return true;
    }

    /// Null when the record only belongs to the next entry.
    private @Nullable TarEntry entry(Ahead ahead) {
        char type = (char) (record[156] & 0xFF);
        long size = TarNumbers.field(record, SIZE_AT, NUMBER);
        switch (type) {
            case 'x', 'X' -> {
                ahead.pax = ahead.pax == null ? new HashMap<>(global) : ahead.pax;
                PaxRecords.read(text(size, ahead), ahead.pax);
            }
            case 'g' -> PaxRecords.read(text(size, ahead), global);
            case 'L' -> ahead.name = untilNul(text(size, ahead));
            case 'K' -> ahead.link = untilNul(text(size, ahead));
            default -> {
                return described(type, size, ahead);
            }
        }
        return null;
    }

    private TarEntry described(char written, long header, Ahead ahead) {
        Map<String, String> pax = ahead.pax == null ? global : ahead.pax;
        String name = first(pax.get("GNU.sparse.name"), first(pax.get("path"), first(ahead.name, name())));
        String link = first(pax.get("linkpath"), first(ahead.link, field(157, 100)));
        char type = type(written, name);
        long stored = pax.containsKey("size") ? TarNumbers.decimal(pax.get("size")) : header;
        if (stored < 0 || stored > Long.MAX_VALUE - RECORD) {
            throw new NumberFormatException("a size that cannot be");
        }
        if (hasNoContents(type)) {
            stored = 0;
        }
        padding = (int) (-stored & (RECORD - 1));
        left = stored;
        List<TarSparse.Piece> pieces = written == 'S' ? oldPieces() : paxPieces(pax);
        long size = pieces == null ? stored : sparseSize(written, pax);
        if (pieces != null) {
            TarSparse.check(pieces, size, left);
        }
        return new TarEntry(
                name,
                link,
                type,
                (int) TarNumbers.field(record, 100, 8) & 07777,
                left,
                size,
                modified(pax),
                pieces == null ? List.of() : pieces,
                attributes(pax));
    }

    /// A file by its name's slash is a folder, as before ustar.
    private static char type(char written, String name) {
        return switch (written) {
            case '\0', '0', '7', 'S' -> name.endsWith("/") ? TarEntry.FOLDER : TarEntry.FILE;
            case 'D' -> TarEntry.FOLDER;
            default -> written;
        };
    }

    /// Some writers give links and folders a size all the same.
    private boolean hasNoContents(char type) {
        return (type >= TarEntry.HARD_LINK && type <= TarEntry.FIFO) && record[156] != 'D';
    }

    private @Nullable List<TarSparse.Piece> oldPieces() {
        List<TarSparse.Piece> pieces = new ArrayList<>();
        TarSparse.addOld(record, 386, 4, pieces);
        byte[] more = new byte[RECORD];
        for (boolean goesOn = record[482] != 0; goesOn; goesOn = more[504] != 0) {
            if (bytes.read(more, 0, RECORD) < RECORD) {
                throw Corrupt.tooEarly();
            }
            TarSparse.addOld(more, 0, 21, pieces);
        }
        return pieces;
    }

    private @Nullable List<TarSparse.Piece> paxPieces(Map<String, String> pax) {
        if ("1".equals(pax.get("GNU.sparse.major"))) {
            long before = left;
            List<TarSparse.Piece> pieces = TarSparse.ofLines(this::line);
            long used = before - left;
            skip((int) (-used & (RECORD - 1)));
            return pieces;
        }
        return TarSparse.ofMap(pax);
    }

    private long line() {
        StringBuilder digits = new StringBuilder();
        byte[] one = new byte[1];
        while (true) {
            if (left == 0 || digits.length() > 20) {
                throw new NumberFormatException("a sparse map without end");
            }
            if (bytes.read(one, 0, 1) < 1) {
                throw Corrupt.tooEarly();
            }
            left--;
            if (one[0] == '\n') {
                return TarNumbers.decimal(digits.toString());
            }
            digits.append((char) (one[0] & 0xFF));
        }
    }

    private void skip(int most) {
        if (most > left) {
            throw new NumberFormatException("a sparse map without end");
        }
        if (!bytes.skip(most)) {
            throw Corrupt.tooEarly();
        }
        left -= most;
    }

    private long sparseSize(char written, Map<String, String> pax) {
        if (written == 'S') {
            return TarNumbers.field(record, 483, NUMBER);
        }
        String size = first(pax.get("GNU.sparse.realsize"), first(pax.get("GNU.sparse.size"), ""));
        return TarNumbers.decimal(size);
    }

    private FileTime modified(Map<String, String> pax) {
        String time = pax.get("mtime");
        return time == null
                ? FileTime.from(TarNumbers.field(record, 136, NUMBER), TimeUnit.SECONDS)
                : TarNumbers.time(time)
                        .map(FileTime::from)
                        .orElseGet(() -> FileTime.from(TarNumbers.field(record, 136, NUMBER), TimeUnit.SECONDS));
    }

    private static Map<String, String> attributes(Map<String, String> pax) {
        if (pax.isEmpty()) {
            return Map.of();
        }
        Map<String, String> attributes = new HashMap<>();
        pax.forEach((key, value) -> {
            if (key.startsWith(XATTR)) {
                attributes.put(key.substring(XATTR.length()), value);
            }
        });
        return attributes;
    }

    /// Errors: CORRUPT when it is longer than any honest header, or cut off.
    private byte[] text(long size, Ahead ahead) {
        if (size < 0) {
            throw new NumberFormatException("a size that cannot be");
        }
        long whole = size + (-size & (RECORD - 1)) + RECORD;
        if (size > HEADER_LIMIT || ahead.bytes + whole > HEADER_LIMIT) {
            throw Corrupt.archive("a header is longer than " + HEADER_LIMIT + " bytes");
        }
        ahead.bytes += (int) whole;
        byte[] text = new byte[(int) size];
        if (bytes.read(text, 0, text.length) < size || !bytes.skip(-size & (RECORD - 1))) {
            throw Corrupt.tooEarly();
        }
        return text;
    }

    private String name() {
        String name = field(0, 100);
        if (!field(257, 6).startsWith("ustar") || record[262] != 0) {
            return name;
        }
        // star keeps times where ustar has the rest of its prefix
        boolean star = record[508] == 't' && record[509] == 'a' && record[510] == 'r' && record[511] == 0;
        String prefix = field(345, star ? 131 : 155);
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private String field(int at, int length) {
        int end = at;
        while (end < at + length && record[end] != 0) {
            end++;
        }
        return ByteName.of(record, at, end);
    }

    private static String untilNul(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return ByteName.of(text, 0, end);
    }

    private static String first(@Nullable String given, String otherwise) {
        return given == null ? otherwise : given;
    }

    private static boolean isZero(byte[] record) {
        for (byte b : record) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }
}
