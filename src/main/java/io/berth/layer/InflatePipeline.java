package io.berth.layer;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.progress.Progress;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// Inflates all layers, one after another, ahead of the writer and in threads of its own.
///
/// Inflating gzip is the slowest step by far, so it never waits for a layer to be written; hashing has its own thread,
/// since on two cores inflating is as long as writing and hashing together.
/// Memory: [#BUFFERS] buffers of [#BUFFER_SIZE] bytes, whatever the layers hold.
final class InflatePipeline implements AutoCloseable {
    static final int BUFFER_SIZE = 1 << 17;
    static final int BUFFERS = 128;

    private final BufferPool buffers = new BufferPool(BUFFERS, BUFFER_SIZE);
    private final BlockingQueue<Piece> inflated = new ArrayBlockingQueue<>(2 * BUFFERS);
    private final BlockingQueue<Piece> ready;
    private final List<Thread> threads;

    InflatePipeline(List<LayerFile> layersOldestFirst, UnpackLimits limits, Progress progress) {
        progress.expect(layersOldestFirst.stream()
                .mapToLong(LayerFile::sizeBytes)
                .filter(size -> size > 0)
                .sum());
        Thread inflating = thread(new Inflating(layersOldestFirst, limits, progress, buffers, inflated), "inflate");
        boolean anyToVerify =
                layersOldestFirst.stream().anyMatch(layer -> layer.diffId().isPresent());
        if (anyToVerify) {
            ready = new ArrayBlockingQueue<>(2 * BUFFERS);
            threads = List.of(inflating, thread(new Verifying(layersOldestFirst, inflated, ready), "verify"));
        } else {
            ready = inflated;
            threads = List.of(inflating);
        }
        threads.forEach(Thread::start);
    }

    private static Thread thread(Runnable work, String name) {
        return Thread.ofPlatform().daemon().name("layer-" + name).unstarted(work);
    }

    /// The next piece; waits for it.
    Piece take() {
        try {
            return ready.take();
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    void giveBack(Piece.Bytes piece) {
        buffers.giveBack(piece.buffer());
    }

    static FaultException interrupted(Exception cause) {
        Thread.currentThread().interrupt();
        return FaultException.of(Fault.INTERRUPTED, "stopped", "run it again", cause);
    }

    /// Stops the threads and waits for their end, so that no file stays open.
    @Override
    public void close() {
        threads.forEach(Thread::interrupt);
        boolean wasInterrupted = Thread.interrupted();
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                wasInterrupted = true;
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
