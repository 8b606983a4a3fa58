package io.berth.cli;

import io.berth.progress.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// One line on a terminal for all transfers of a command: bytes, share, rate, time left.
final class ProgressLine implements Progress {
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();

    private final PrintStream err;
    private final int columns;
    private final long began = System.nanoTime();
    private final AtomicLong total = new AtomicLong();
    private final AtomicLong done = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong drawn = new AtomicLong(began);

    ProgressLine(PrintStream err, int columns) {
        this.err = err;
        this.columns = columns;
    }

    @Override
    public Task begin(String label, long totalBytes) {
        open.incrementAndGet();
        total.addAndGet(Math.max(totalBytes, 0));
        return new Task() {
            @Override
            public void advance(long bytes) {
                done.addAndGet(bytes);
                draw(false);
            }

            @Override
            public void close() {
                if (open.decrementAndGet() == 0) {
                    draw(true);
                }
            }
        };
    }

    private void draw(boolean last) {
        long now = System.nanoTime();
        long before = drawn.get();
        if (!last && (now - before < REDRAW_NANOS || !drawn.compareAndSet(before, now))) {
            return;
        }
        String line = line(now);
        String shown = line.length() >= columns ? line.substring(0, Math.max(columns - 1, 0)) : line;
        err.print("\r" + shown + "\u001b[K" + (last ? "\r\u001b[K" : ""));
        err.flush();
    }

    private String line(long now) {
        double seconds = Math.max((now - began) / 1e9, 1e-3);
        double rate = done.get() / seconds;
        long left = rate > 0 ? Math.round((total.get() - done.get()) / rate) : 0;
        long percent = total.get() == 0 ? 100 : done.get() * 100 / total.get();
        return "%3d %%  %.1f of %.1f MB  %.1f MB/s  %d s left"
                .formatted(percent, done.get() / 1e6, total.get() / 1e6, rate / 1e6, Math.max(left, 0));
    }
}
