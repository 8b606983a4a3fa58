package io.berth.layer;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/// A bounded number of buffers, made when first needed: a small image does not pay for a large one.
///
/// One thread borrows, any thread gives back.
final class BufferPool {
    private final int most;
    private final int bufferSize;
    private final BlockingQueue<ByteBuffer> free;
    private int made;

    BufferPool(int most, int bufferSize) {
        this.most = most;
        this.bufferSize = bufferSize;
        this.free = new ArrayBlockingQueue<>(most);
    }

    /// Waits when all are in use.
    ByteBuffer borrow() throws InterruptedException {
        ByteBuffer buffer = free.poll();
        if (buffer == null && made < most) {
            made++;
            return ByteBuffer.allocate(bufferSize);
        }
        return buffer == null ? free.take() : buffer;
    }

    void giveBack(ByteBuffer buffer) {
        free.add(buffer);
    }
}
