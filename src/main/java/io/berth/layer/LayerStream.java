package io.berth.layer;

import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// One layer's archive, as the inflating thread delivers it. Faults of that thread come out of `read`.
final class LayerStream extends InputStream {
    /// Long names and attribute headers together; Linux allows names of 4 kB and attributes of 64 kB.
    private static final long HEADER_LIMIT = 1 << 20;

    private final InflatePipeline pipeline;
    private Piece.@Nullable Bytes piece;
    private boolean ended;
    private boolean odd;
    private long count;
    private long readableUntil = Long.MAX_VALUE;

    LayerStream(InflatePipeline pipeline) {
        this.pipeline = pipeline;
    }

    /// From here on a header is read: the tar reader holds it in memory, so it must be small.
    void limitHeader() {
        readableUntil = count + HEADER_LIMIT;
        odd = false;
    }

    void limitNothing() {
        readableUntil = Long.MAX_VALUE;
    }

    /// Whether the last header held bytes that are not UTF-8 (perhaps only in its numbers).
    boolean isHeaderOdd() {
        return odd;
    }

    long count() {
        return count;
    }

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
        ByteBuffer from = current();
        if (from == null) {
            return -1;
        }
        int take = Math.min(length, from.remaining());
        from.get(into, offset, take);
        count(take);
        if (readableUntil != Long.MAX_VALUE) {
            odd |= !isUtf8(into, offset, take);
        }
        return take;
    }

    private static boolean isUtf8(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (bytes[i] < 0) {
                return decodes(ByteBuffer.wrap(bytes, offset, length));
            }
        }
        return true;
    }

    private static boolean decodes(ByteBuffer bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    @Override
    public long skip(long bytes) {
        long left = bytes;
        while (left > 0) {
            ByteBuffer from = current();
            if (from == null) {
                break;
            }
            int take = (int) Math.min(left, from.remaining());
            from.position(from.position() + take);
            count(take);
            left -= take;
        }
        return bytes - left;
    }

    @Override
    public int available() {
        return piece == null ? 0 : piece.buffer().remaining();
    }

    /// Reads to the end: only then is the layer known to be whole and of the right digest.
    void drain() {
        limitNothing();
        while (!ended) {
            skip(Long.MAX_VALUE);
        }
    }

    private void count(int bytes) {
        count += bytes;
        if (count > readableUntil) {
            throw Corrupt.limit("a header is longer than " + HEADER_LIMIT + " bytes");
        }
    }

    private @Nullable ByteBuffer current() {
        while (!ended && (piece == null || !piece.buffer().hasRemaining())) {
            if (piece != null) {
                pipeline.giveBack(piece);
                piece = null;
            }
            switch (pipeline.take()) {
                case Piece.Bytes bytes -> piece = bytes;
                case Piece.EndOfLayer _ -> ended = true;
                case Piece.Failure(var why) -> throw why;
            }
        }
        return piece == null ? null : piece.buffer();
    }
}
