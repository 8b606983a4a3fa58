package io.berth.layer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// An archive's bytes in order, handed out without copying where possible.
abstract class TarBytes {
    private long count;

    /// At least one of the next bytes, at most `most`; null at the end. The buffer is good until the next call.
    final @Nullable ByteBuffer next(long most) {
        ByteBuffer from = current();
        if (from == null) {
            return null;
        }
        int take = (int) Math.min(most, from.remaining());
        ByteBuffer piece = from.duplicate().limit(from.position() + take);
        from.position(from.position() + take);
        count += take;
        return piece;
    }

    /// A buffer with something in it; null at the end.
    abstract @Nullable ByteBuffer current();

    /// How many were handed out.
    final long count() {
        return count;
    }

    /// @return fewer than the length only at the end
    final int read(byte[] into, int offset, int length) {
        int done = 0;
        while (done < length) {
            ByteBuffer piece = next(length - done);
            if (piece == null) {
                break;
            }
            int size = piece.remaining();
            piece.get(into, offset + done, size);
            done += size;
        }
        return done;
    }

    /// @return whether so many were there
    final boolean skip(long bytes) {
        for (long left = bytes; left > 0; ) {
            ByteBuffer piece = next(left);
            if (piece == null) {
                return false;
            }
            left -= piece.remaining();
        }
        return true;
    }

    /// Reads to the end: only then is an archive known to be whole and of the right digest.
    final void drain() {
        while (next(Long.MAX_VALUE) != null) {
            // only counted
        }
    }
}
