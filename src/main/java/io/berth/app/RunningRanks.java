package io.berth.app;

import io.berth.files.AtomicFile;
import io.berth.process.ProcessMark;
import java.nio.file.Files;
import java.nio.file.Path;

/// The lists by which the ranks of a step find one another's namespaces.
///
/// Source: docs/formats/launch-plan.md, "Sharing".
final class RunningRanks {
    private RunningRanks() {}

    /// Whether one of a list lives.
    ///
    /// @param value of the variable that the list is named by
    static boolean live(Path meeting, String value) {
        Path members = meeting.resolve(value + ".members");
        return Files.exists(members) && AtomicFile.read(members).lines().anyMatch(RunningRanks::lives);
    }

    private static boolean lives(String line) {
        return line.matches("[0-9]{1,10} [0-9]{1,18}")
                && new ProcessMark(
                                Long.parseLong(line.substring(0, line.indexOf(' '))),
                                Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                        .isAlive();
    }
}
