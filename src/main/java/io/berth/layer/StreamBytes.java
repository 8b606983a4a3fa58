package io.berth.layer;

import io.berth.fault.FaultException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/// An archive that is read as it is needed, in the caller's thread.
final class StreamBytes extends TarBytes {
    private final InputStream in;
    private final ByteBuffer buffer =
            ByteBuffer.allocate(InflatePipeline.BUFFER_SIZE).limit(0);
    private boolean ended;

    StreamBytes(InputStream in) {
        this.in = in;
    }

    @Override
    @Nullable
    ByteBuffer current() {
        if (!buffer.hasRemaining() && !ended) {
            fill();
        }
        return buffer.hasRemaining() ? buffer : null;
    }

    private void fill() {
        try {
            int length = in.read(buffer.array());
            ended = length < 0;
            buffer.clear().limit(Math.max(0, length));
        } catch (EOFException e) {
            throw Corrupt.tooEarly();
        } catch (ZipException e) {
            throw Corrupt.archive("its gzip data is damaged (" + e.getMessage() + ")", e);
        } catch (com.github.luben.zstd.ZstdIOException e) {
            throw Inflating.zstd(e);
        } catch (IOException e) {
            throw FaultException.io("reading the archive", e);
        }
    }
}
