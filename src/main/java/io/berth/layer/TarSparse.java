package io.berth.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the stored bytes of a sparse file go: GNU's old headers and the three forms of its pax headers.
///
/// Source: GNU tar 1.34 manual, "Storing Sparse Files".
final class TarSparse {
    private static final int MOST_PIECES = 1_000_000;

    private TarSparse() {}

    /// @param offset in the file
    record Piece(long offset, long bytes) {}

    /// The pieces of a record of old headers: pairs of 12-digit numbers, ended by an empty one.
    static void addOld(byte[] record, int at, int pairs, List<Piece> into) {
        for (int i = 0; i < pairs; i++) {
            int from = at + 24 * i;
            if (record[from] == 0) {
                return;
            }
            add(into, TarNumbers.field(record, from, 12), TarNumbers.field(record, from + 12, 12));
        }
    }

    /// Version 0.1: `offset,bytes,offset,bytes`. Version 0.0 has been put into this form by the reader of the headers.
    static @Nullable List<Piece> ofMap(Map<String, String> pax) {
        String map = pax.get("GNU.sparse.map");
        if (map == null) {
            return null;
        }
        List<Piece> pieces = new ArrayList<>();
        String[] numbers = map.isEmpty() ? new String[0] : map.split(",", -1);
        if (numbers.length % 2 != 0) {
            throw new NumberFormatException("a sparse map of odd length");
        }
        for (int i = 0; i < numbers.length; i += 2) {
            add(pieces, TarNumbers.decimal(numbers[i]), TarNumbers.decimal(numbers[i + 1]));
        }
        return pieces;
    }

    /// Version 1.0: lines of decimal numbers before the contents, the first their count, filled up to a whole record.
    static List<Piece> ofLines(Lines lines) {
        long count = lines.next();
        if (count < 0 || count > MOST_PIECES) {
            throw Corrupt.archive("a sparse file has more than " + MOST_PIECES + " pieces");
        }
        List<Piece> pieces = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            add(pieces, lines.next(), lines.next());
        }
        return pieces;
    }

    /// Numbers, a line each.
    interface Lines {
        long next();
    }

    static void add(List<Piece> pieces, long offset, long bytes) {
        if (pieces.size() >= MOST_PIECES) {
            throw Corrupt.archive("a sparse file has more than " + MOST_PIECES + " pieces");
        }
        pieces.add(new Piece(offset, bytes));
    }

    /// Errors: NumberFormatException when they overlap, lie beyond the end, or are not what is stored.
    static void check(List<Piece> pieces, long size, long storedBytes) {
        long end = 0;
        long sum = 0;
        for (Piece piece : pieces) {
            if (piece.offset() < end || piece.bytes() < 0 || piece.bytes() > size - piece.offset()) {
                throw new NumberFormatException("a sparse map that does not fit the file");
            }
            end = piece.offset() + piece.bytes();
            sum += piece.bytes();
        }
        if (sum != storedBytes) {
            throw new NumberFormatException("a sparse map that does not fit what is stored");
        }
    }
}
