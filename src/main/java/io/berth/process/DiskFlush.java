package io.berth.process;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// Puts what was written to a file system onto its disk: syncfs(2), which Java does not have, by a program of ours. One
/// call for a tree is some hundred times faster than one for each of its files.
///
/// @param program berth-exec
public record DiskFlush(Path program) {
    private static final Duration LIMIT = Duration.ofMinutes(30);

    /// Waits until all of the folder's file system is on its disk.
    ///
    /// Errors: HOST_UNFIT with what the file system answers; BUSY when it takes half an hour.
    public void flush(Path folder) {
        Command.Result result = Command.run(List.of(program.toString(), "--flush", folder.toString()), LIMIT);
        if (result.status() != 0) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    result.output().strip().replaceFirst("^berth: ", ""),
                    "see to the disk, and do it again");
        }
    }
}
