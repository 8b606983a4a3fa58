package io.berth.process;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// The records of one container's runs, one file each. The program takes the place of berth, so nobody is left to
/// remove its record when it ends: the next one who looks does.
///
/// @param folder of the records
/// @param here this node and boot
public record RunRecords(Path folder, LaunchPlan.Owner here) {
    /// Nobody can tell from here whether a program on another node still runs; no batch system lets one run so long.
    private static final Duration FORGOTTEN = Duration.ofDays(60);

    /// Writes down a run that is about to start.
    ///
    /// @param options of `berth run` that make the same container once more
    /// @return its file; empty when the container's folder cannot be written, which is no reason not to start
    public Optional<Path> begin(String mode, List<String> options) {
        Optional<ProcessMark> starter =
                ProcessHandle.current().parent().map(ProcessHandle::pid).flatMap(ProcessMark::of);
        if (starter.isEmpty() || !canWrite()) {
            return Optional.empty();
        }
        living();
        Path file = folder.resolve(UUID.randomUUID().toString());
        RunRecord record = new RunRecord(here.node(), here.bootId(), mode, starter.get(), options, Optional.empty());
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, record.text());
        } catch (IOException e) {
            throw FaultException.io("writing down the run in " + file, e);
        }
        return Optional.of(file);
    }

    private boolean canWrite() {
        Path parent = folder.toAbsolutePath();
        while (parent.getParent() != null && !Files.exists(parent)) {
            parent = parent.getParent();
        }
        if (!Files.isWritable(parent)) {
            return false;
        }
        Folders.make(folder);
        return true;
    }

    /// Runs that have not ended, as far as one can tell from this node. Records of others are removed on the way.
    public List<RunRecord> living() {
        List<RunRecord> living = new ArrayList<>();
        for (Path file : Folders.list(folder)) {
            Optional<RunRecord> record = read(file);
            if (record.filter(found -> mayLive(found, file)).isPresent()) {
                living.add(record.get());
            } else if (record.isPresent() || isOld(file, Duration.ofMinutes(1))) {
                remove(file);
            }
        }
        return living;
    }

    public boolean isHere(RunRecord record) {
        return record.node().equals(here.node()) && record.bootId().equals(here.bootId());
    }

    private boolean mayLive(RunRecord record, Path file) {
        if (!record.node().equals(here.node())) {
            return !isOld(file, FORGOTTEN);
        }
        return record.bootId().equals(here.bootId()) && record.isAlive();
    }

    private static Optional<RunRecord> read(Path file) {
        try {
            return RunRecord.parse(AtomicFile.read(file));
        } catch (FaultException e) {
            return Optional.empty(); // its owner has just removed it, or it is not ours to read
        }
    }

    private static boolean isOld(Path file, Duration age) {
        try {
            return Files.getLastModifiedTime(file)
                    .toInstant()
                    .isBefore(Instant.now().minus(age));
        } catch (IOException e) {
            return false;
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // not ours to remove: it is only a note
        }
    }
}
