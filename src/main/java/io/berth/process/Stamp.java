package io.berth.process;

import io.berth.files.UnixStat;
import java.nio.file.Path;
import java.time.Instant;

/// How a file looked when a plan was made; a plan is stale when it looks different.
///
/// Units: bytes; `-1` for a folder, whose size says nothing.
public record Stamp(Path path, long inode, long sizeBytes, Instant modified) {
    public static Stamp of(Path path) {
        UnixStat stat = UnixStat.of(path);
        return new Stamp(path, stat.inode(), stat.isFolder() ? -1 : stat.sizeBytes(), stat.modified());
    }
}
