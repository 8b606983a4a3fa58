package io.berth.cli;

import io.berth.progress.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// How far a command has come, on standard error: a bar that redraws itself on a terminal; elsewhere, as in the log of
/// a job, a line every few seconds.
final class ProgressLine implements Progress {
    private static final long REDRAW_NANOS = Duration.ofMillis(100).toNanos();
    private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();
    /// The rate is that of about so many seconds, since a rate since the beginning tells little about what is left.
    private static final double MEMORY_SECONDS = 4;
    private static final int WIDEST_BAR = 40;
    private static final int SMALLEST_BAR = 8;

    private final PrintStream err;
    private final String tool;
    private final boolean terminal;
    private final int columns;
    private final LongSupplier nanoTime;
    private final AtomicLong done = new AtomicLong();
    private final AtomicLong drawn;
    private long announced;
    private long begun;
    private int open;
    private long measured;
    private long measuredDone;
    private double rate;

    /// @param tool stands before each line that is not on a terminal
    ProgressLine(PrintStream err, String tool, boolean terminal, int columns, LongSupplier nanoTime) {
        this.err = err;
        this.tool = tool;
        this.terminal = terminal;
        this.columns = columns;
        this.nanoTime = nanoTime;
        this.measured = nanoTime.getAsLong();
        this.drawn = new AtomicLong(measured);
    }

    @Override
    public synchronized void expect(long bytes) {
        announced += bytes;
    }

    @Override
    public Task begin(String label, LongSupplier totalBytes) {
        return begin(label, terminal ? totalBytes.getAsLong() : -1);
    }

    @Override
    public synchronized Task begin(String label, long totalBytes) {
        open++;
        begun += Math.max(totalBytes, 0);
        return new Task() {
            @Override
            public void advance(long bytes) {
                done.addAndGet(bytes);
                long now = nanoTime.getAsLong();
                long before = drawn.get();
                if (now - before >= (terminal ? REDRAW_NANOS : LINE_NANOS) && drawn.compareAndSet(before, now)) {
                    draw(now);
                }
            }

            @Override
            public void close() {
                end();
            }
        };
    }

    private synchronized void end() {
        open--;
        if (open == 0 && terminal) {
            err.print("\r\u001b[K");
            err.flush();
        }
    }

    private synchronized void draw(long now) {
        measure(now);
        err.print(terminal ? "\r" + bar() + "\u001b[K" : tool + ": " + facts() + "\n");
        err.flush();
    }

    private void measure(long now) {
        double seconds = Math.max((now - measured) / 1e9, 1e-3);
        double latest = (done.get() - measuredDone) / seconds;
        double weight = rate == 0 ? 1 : 1 - Math.exp(-seconds / MEMORY_SECONDS);
        rate += (latest - rate) * weight;
        measured = now;
        measuredDone = done.get();
    }

    private long total() {
        return Math.max(announced, begun);
    }

    private double share() {
        return Math.min((double) done.get() / total(), 1);
    }

    private String bar() {
        String facts = facts();
        int room = Math.min(columns - 1 - facts.length() - 3, WIDEST_BAR);
        if (total() == 0 || room < SMALLEST_BAR) {
            return facts.substring(0, Math.min(facts.length(), Math.max(columns - 1, 0)));
        }
        int full = (int) (share() * room);
        return "[" + "#".repeat(full) + "-".repeat(room - full) + "] " + facts;
    }

    private String facts() {
        String speed = megabytes(rate) + " MB/s";
        if (total() == 0) {
            return megabytes((double) done.get()) + " MB, " + speed;
        }
        long left = rate > 0 ? Math.round(Math.max(total() - done.get(), 0) / rate) : 0;
        return (int) (share() * 100) + " % of " + megabytes((double) total()) + " MB, " + speed + ", " + time(left)
                + " left";
    }

    /// With one decimal. Formats cost a cold JVM more than all the rest here.
    private static String megabytes(double bytes) {
        long tenths = Math.round(bytes / 1e5);
        return tenths / 10 + "." + tenths % 10;
    }

    private static String time(long seconds) {
        return seconds >= 3600
                ? seconds / 3600 + ":" + twoDigits(seconds / 60 % 60) + ":" + twoDigits(seconds % 60)
                : seconds / 60 + ":" + twoDigits(seconds % 60);
    }

    private static String twoDigits(long number) {
        return number < 10 ? "0" + number : Long.toString(number);
    }
}
