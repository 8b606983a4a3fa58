package io.berth.layer;

import com.github.luben.zstd.ZstdIOException;
import io.berth.fault.FaultException;
import io.berth.progress.Progress;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.zip.ZipException;

/// The inflating thread: files in, pieces out.
final class Inflating implements Runnable {
    private final List<LayerFile> layers;
    private final UnpackLimits limits;
    private final Progress progress;
    private final BufferPool buffers;
    private final BlockingQueue<Piece> out;
    private long total;

    Inflating(
            List<LayerFile> layers,
            UnpackLimits limits,
            Progress progress,
            BufferPool buffers,
            BlockingQueue<Piece> out) {
        this.layers = layers;
        this.limits = limits;
        this.progress = progress;
        this.buffers = buffers;
        this.out = out;
    }

    @Override
    public void run() {
        try {
            try {
                for (LayerFile layer : layers) {
                    inflate(layer);
                    out.put(new Piece.EndOfLayer());
                }
            } catch (FaultException e) {
                out.put(new Piece.Failure(e));
            } catch (RuntimeException | Error e) {
                // a bug or no memory: the writer must not wait for ever
                out.put(new Piece.Failure(Corrupt.archive("inflating failed (" + e + ")", e)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void inflate(LayerFile layer) throws InterruptedException {
        try (Progress.Task task = progress.begin("unpack " + layer.label(), layer.sizeBytes());
                Counting packed = new Counting(Files.newInputStream(layer.file()), task);
                InputStream archive = Compression.inflate(packed)) {
            copy(archive, packed);
        } catch (IOException e) {
            throw translated(layer, e);
        }
    }

    private void copy(InputStream archive, Counting packed) throws IOException, InterruptedException {
        long bytes = 0;
        while (true) {
            ByteBuffer buffer = buffers.borrow();
            int length = archive.readNBytes(buffer.array(), buffer.arrayOffset(), buffer.capacity());
            bytes += length;
            total += length;
            Bounded.check(limits, total, bytes, packed.count);
            out.put(new Piece.Bytes(buffer.clear().limit(length)));
            if (length < buffer.capacity()) {
                break;
            }
        }
        if (bytes == 0) {
            throw Corrupt.archive("the archive is empty");
        }
    }

    private static FaultException translated(LayerFile layer, IOException e) throws InterruptedException {
        return switch (e) {
            case ClosedByInterruptException _ -> throw new InterruptedException();
            case EOFException _ -> Corrupt.tooEarly();
            case ZipException _ -> Corrupt.archive("its gzip data is damaged (" + e.getMessage() + ")", e);
            case ZstdIOException _ -> zstd(e);
            default -> FaultException.io("reading " + layer.file(), e);
        };
    }

    static FaultException zstd(IOException e) {
        String text = String.valueOf(e.getMessage());
        return text.contains("runcated") || text.contains("nexpected end")
                ? Corrupt.tooEarly()
                : Corrupt.archive("its zstd data is damaged (" + text + ")", e);
    }

    /// Counts and reports the compressed bytes.
    private static final class Counting extends FilterInputStream {
        private final Progress.Task task;
        private long count;

        Counting(InputStream in, Progress.Task task) {
            super(in);
            this.task = task;
        }

        @Override
        public int read() throws IOException {
            int value = super.read();
            add(value < 0 ? 0 : 1);
            return value;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int read = super.read(into, offset, length);
            add(Math.max(0, read));
            return read;
        }

        private void add(int bytes) {
            count += bytes;
            task.advance(bytes);
        }
    }
}
