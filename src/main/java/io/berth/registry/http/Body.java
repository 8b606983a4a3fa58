package io.berth.registry.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;

/// The body of one answer; at its end the connection serves the next request.
///
/// Source: RFC 9112, sections 6 and 7.1.
final class Body extends InputStream {
    /// What is read to its end for the sake of the connection.
    private static final long WORTH_READING = 64 << 10;

    private static final int MAX_LINE = 4096;
    private static final int MAX_TRAILERS = 64;

    /// How one sees the end of a body.
    private enum Framing {
        LENGTH,
        CHUNKS,
        CLOSE
    }

    private final Wire wire;
    private final Framing framing;
    private final Runnable whenWhole;
    private long left;
    private boolean begun;
    private boolean ended;

    private Body(Wire wire, Framing framing, long left, Runnable whenWhole) {
        this.wire = wire;
        this.framing = framing;
        this.left = left;
        this.whenWhole = whenWhole;
    }

    /// @param reuse takes the connection back
    static Body of(Wire wire, Head head, boolean isHead, Runnable reuse) throws IOException {
        long length = head.contentLength();
        Runnable whenWhole = head.closes() ? wire::close : reuse;
        boolean none = isHead || head.status() == 204 || head.status() == 304;
        if (none || length == 0) {
            Body empty = new Body(wire, Framing.LENGTH, 0, whenWhole);
            empty.end();
            return empty;
        }
        if (head.isChunked()) {
            return new Body(wire, Framing.CHUNKS, 0, whenWhole);
        }
        return length > 0
                ? new Body(wire, Framing.LENGTH, length, whenWhole)
                : new Body(wire, Framing.CLOSE, Long.MAX_VALUE, wire::close);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0 || ended || (left == 0 && !next())) {
            return length == 0 ? 0 : -1;
        }
        int count = wire.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            if (framing == Framing.CLOSE) {
                end();
                return -1;
            }
            throw new EOFException("ended early");
        }
        left -= framing == Framing.CLOSE ? 0 : count;
        if (left == 0 && framing == Framing.LENGTH) {
            end();
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return ended ? 0 : (int) Math.min(wire.available(), left);
    }

    /// Reads a short rest; a long one costs the connection.
    @Override
    public void close() throws IOException {
        try {
            if (!ended && framing == Framing.LENGTH && left <= WORTH_READING) {
                skipNBytes(left);
            } else if (!ended && framing == Framing.CHUNKS && wire.available() > 0) {
                skip(WORTH_READING);
                read();
            }
        } finally {
            abandon();
        }
    }

    void abandon() {
        if (!ended) {
            ended = true;
            wire.close();
        }
    }

    /// The size line of the next chunk; after the last one the trailers.
    private boolean next() throws IOException {
        if (framing != Framing.CHUNKS) {
            return false;
        }
        if (begun && !wire.line(MAX_LINE).isEmpty()) {
            throw new ProtocolException("a chunk is longer than it says");
        }
        begun = true;
        String size = wire.line(MAX_LINE).replaceFirst(";.*$", "").strip();
        if (!size.matches("[0-9A-Fa-f]{1,15}")) {
            throw new ProtocolException("a chunk without a size");
        }
        left = Long.parseLong(size, 16);
        if (left > 0) {
            return true;
        }
        for (int i = 0; !wire.line(MAX_LINE).isEmpty(); i++) {
            if (i == MAX_TRAILERS) {
                throw new ProtocolException("too many trailers");
            }
        }
        end();
        return false;
    }

    private void end() {
        ended = true;
        whenWhole.run();
    }
}
