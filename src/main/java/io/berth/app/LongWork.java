package io.berth.app;

import io.berth.progress.Progress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// Says once that a node is still at work, when that takes long; nothing when it does not.
///
/// The plugin passes on at once what begins with `berth: still `: `slurm-spank/child.h`.
public final class LongWork implements Progress {
    private final Duration after;
    private final String node;
    private final Consumer<String> say;
    private final AtomicBoolean said = new AtomicBoolean();
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong expected = new AtomicLong();
    private volatile String doing = "";

    /// @param after what is done sooner is not worth a word
    /// @param say takes the line, from a thread of its own
    public LongWork(Duration after, String node, Consumer<String> say) {
        this.after = after;
        this.node = node;
        this.say = say;
    }

    /// Begins, or goes on with, what takes its time; bytes are counted anew.
    ///
    /// @param what is done, on what, for example `fetching NAME`
    void turnTo(String what) {
        doing = what;
        done.set(0);
        expected.set(0);
    }

    /// Does it, and tells of it when its time has come.
    ///
    /// @param what as for [#turnTo]
    public <T> T watch(String what, Supplier<T> work) {
        turnTo(what);
        Thread clock = Thread.ofPlatform().daemon().name("long-work").start(this::tellLater);
        try {
            return work.get();
        } finally {
            clock.interrupt();
        }
    }

    private void tellLater() {
        try {
            Thread.sleep(after);
        } catch (InterruptedException e) {
            return; // it is done
        }
        if (said.compareAndSet(false, true)) {
            say.accept("still " + doing + " on node " + node + " after " + after.toSeconds() + " s" + soFar());
        }
    }

    /// Empty where nobody counts bytes.
    private String soFar() {
        long all = expected.get();
        return all == 0 ? "" : ": " + (done.get() >> 20) + " of " + (all >> 20) + " MiB so far";
    }

    @Override
    public void expect(long bytes) {
        expected.addAndGet(bytes);
    }

    @Override
    public Task begin(String label, long totalBytes) {
        return new Task() {
            @Override
            public void advance(long bytes) {
                done.addAndGet(bytes);
            }

            @Override
            public void close() {
                // what is done stays done
            }
        };
    }
}
