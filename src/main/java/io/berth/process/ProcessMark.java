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
        return fields(Long.toString(pid))
                .filter(fields -> !fields[0].equals("Z") && !fields[0].equals("X"))
                .map(fields -> new ProcessMark(pid, Long.parseLong(fields[STARTED_AFTER_NAME])));
    }

    /// Who started this process. Cheaper than to ask the JDK, on the path of each start.
    static Optional<ProcessMark> ofParent() {
        return fields("self").flatMap(fields -> of(Long.parseLong(fields[1])));
    }

    /// From the third on: the name before them may hold anything.
    private static Optional<String[]> fields(String process) {
        try {
            String stat =
                    new String(Files.readAllBytes(Path.of("/proc", process, "stat")), StandardCharsets.ISO_8859_1);
            return Optional.of(stat.substring(stat.lastIndexOf(')') + 2).split(" "));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    public boolean isAlive() {
        return of(pid).filter(this::equals).isPresent();
    }
}
