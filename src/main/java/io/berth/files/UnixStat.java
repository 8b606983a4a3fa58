package io.berth.files;

import static java.util.Objects.requireNonNull;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/// What stat(2) says of a file.
///
/// Units: bytes; `mode` holds the permission bits and the type, as in `st_mode`.
public record UnixStat(
        long inode, int links, long uid, long gid, int mode, long sizeBytes, Instant modified, boolean isFolder) {
    /// @param options `NOFOLLOW_LINKS` for lstat(2)
    public static UnixStat of(Path path, LinkOption... options) {
        try {
            Map<String, Object> values = Files.readAttributes(
                    path, "unix:ino,nlink,uid,gid,mode,size,lastModifiedTime,isDirectory", options);
            return new UnixStat(
                    (Long) requireNonNull(values.get("ino")),
                    (Integer) requireNonNull(values.get("nlink")),
                    Integer.toUnsignedLong((Integer) requireNonNull(values.get("uid"))),
                    Integer.toUnsignedLong((Integer) requireNonNull(values.get("gid"))),
                    (Integer) requireNonNull(values.get("mode")),
                    (Long) requireNonNull(values.get("size")),
                    ((FileTime) requireNonNull(values.get("lastModifiedTime"))).toInstant(),
                    (Boolean) requireNonNull(values.get("isDirectory")));
        } catch (IOException e) {
            throw FaultException.io("examining " + path, e);
        }
    }

    /// Whether group or others may write.
    public boolean isWritableByOthers() {
        return (mode & 0022) != 0;
    }
}
