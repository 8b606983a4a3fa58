package io.berth.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A process of this machine, not to be mistaken for a later one with its number.
///
/// Units: `started` in clock ticks since the boot.
/// Source: proc_pid_stat(5), field 22.
public record ProcessMark(long pid, long started) {
    private static final int STARTED_AFTER_NAME = 19;

    /// Empty when there is no such process.
    public static Optional<ProcessMark> of(long pid) {
        try {
            String stat = new String(
                    Files.readAllBytes(Path.of("/proc", Long.toString(pid), "stat")), StandardCharsets.ISO_8859_1);
            // the name before it may hold anything
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            boolean dead = fields[0].equals("Z") || fields[0].equals("X");
            return dead
                    ? Optional.empty()
                    : Optional.of(new ProcessMark(pid, Long.parseLong(fields[STARTED_AFTER_NAME])));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }
}
