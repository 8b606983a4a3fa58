package io.berth.layer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// An archive inflated as it is read, within the limits against bombs. Reads no single bytes: archives come in pieces.
final class Bounded extends FilterInputStream {
    private static final long RATIO_COUNTS_FROM = 100_000_000;

    private final Packed packed;
    private final UnpackLimits limits;
    private long count;

    private Bounded(Packed packed, UnpackLimits limits) throws IOException {
        super(Compression.inflate(packed));
        this.packed = packed;
        this.limits = limits;
    }

    static Bounded inflate(InputStream packed, UnpackLimits limits) throws IOException {
        return new Bounded(new Packed(packed), limits);
    }

    /// Uncompressed bytes so far.
    long count() {
        return count;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        count += Math.max(0, read);
        check(limits, count, count, packed.count);
        return read;
    }

    /// Errors: CORRUPT beyond a limit.
    ///
    /// @param total uncompressed bytes of all layers
    /// @param inflated uncompressed bytes of this one, from `packed` bytes
    static void check(UnpackLimits limits, long total, long inflated, long packed) {
        if (total > limits.bytes()) {
            throw Corrupt.limit("the layers hold more than " + limits.bytes() + " bytes", "unpack_max_megabytes");
        }
        if (inflated > RATIO_COUNTS_FROM && inflated / Math.max(1, packed) >= limits.ratio()) {
            throw Corrupt.limit("it grows more than " + limits.ratio() + "-fold when unpacked", "unpack_max_ratio");
        }
    }

    private static final class Packed extends FilterInputStream {
        private long count;

        Packed(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            count += Math.max(0, read);
            return read;
        }
    }
}
