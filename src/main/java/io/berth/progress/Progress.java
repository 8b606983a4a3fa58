package io.berth.progress;

import java.util.function.LongSupplier;

/// Hears how far a transfer or an unpacking has come. Implementations are safe for use by several threads at once.
public interface Progress {
    /// A new piece of work begins.
    ///
    /// @param label short, for people, for example a shortened digest
    /// @param totalBytes its size, or -1 when not known
    Task begin(String label, long totalBytes);

    /// The same for a size that is found out only when somebody wants to see it.
    default Task begin(String label, LongSupplier totalBytes) {
        return begin(label, -1);
    }

    /// Several pieces of work are to come, of this size in all: without it, what has begun passes for all there is.
    default void expect(long bytes) {
        // what has begun is all that is shown
    }

    /// One piece of work. Closing it ends its line, however far it came.
    interface Task extends AutoCloseable {
        void advance(long bytes);

        @Override
        void close();
    }

    /// Hears nothing.
    static Progress none() {
        return (label, totalBytes) -> new Task() {
            @Override
            public void advance(long bytes) {
                // nobody listens
            }

            @Override
            public void close() {
                // nothing is held
            }
        };
    }
}
