package io.berth.process;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The records of one container's runs, one file each. The program takes the place of berth, so nobody is left to
/// remove its record when it ends: the next one who looks does.
///
/// @param folder of the records
/// @param here this node and boot
public record RunRecords(Path folder, LaunchPlan.Owner here) {
    /// Nobody can tell from here whether a program on another node still runs; no batch system lets one run so long.
    private static final Duration FORGOTTEN = Duration.ofDays(60);

    /// Those of a container.
    ///
    /// @param container its folder
    public static RunRecords of(Path container, LaunchPlan.Owner here) {
        return new RunRecords(container.resolve(".berth/runs"), here);
    }

    /// Writes down a run that is about to start.
    ///
    /// @param options of `berth run` that make the same container once more
    /// @return its file; empty when the container's folder cannot be written, which is no reason not to start
    public Optional<Path> begin(String mode, List<String> options) {
        Optional<ProcessMark> starter = ProcessMark.ofParent();
        if (starter.isEmpty() || !canWrite()) {
            return Optional.empty();
        }
        // a starter starts one program; and random names cost milliseconds
        Path file = folder.resolve(
                here.node() + "-" + starter.get().pid() + "-" + starter.get().started());
        RunRecord record = new RunRecord(here.node(), here.bootId(), mode, starter.get(), options, Optional.empty());
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(file, record.text());
        } catch (IOException e) {
            throw FaultException.io("writing down the run in " + file, e);
        }
        return Optional.of(file);
    }

    /// What the front needs to write down later runs of the same command line; empty when they are not written down.
    public Optional<CachedPlan.Runs> later(String mode, List<String> options) {
        return Files.isWritable(folder)
                ? Optional.of(new CachedPlan.Runs(
                        folder, RunRecord.withoutStarter(here.node(), here.bootId(), mode, options)))
                : Optional.empty();
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

    /// The caller's runs that have not ended, as far as one can tell from this node. Records of those that have are
    /// removed on the way.
    public List<RunRecord> living() {
        List<RunRecord> living = new ArrayList<>();
        for (Path file : Folders.list(folder)) {
            if (isOfOthers(file)) {
                continue;
            }
            Optional<RunRecord> record = read(file);
            if (record.filter(found -> mayLive(found, file)).isPresent()) {
                living.add(record.get());
            } else if (record.isPresent() || isOld(file, Duration.ofMinutes(1))) {
                remove(file);
            }
        }
        return living;
    }

    /// Whether anybody may run the container: another user's record cannot be read.
    public boolean mayRun() {
        return !living().isEmpty()
                || Folders.list(folder).stream().anyMatch(file -> isOfOthers(file) && !isOld(file, FORGOTTEN));
    }

    /// What others wrote is not followed either: it says which options one's own command would take.
    private boolean isOfOthers(Path file) {
        try {
            return UnixStat.of(file, LinkOption.NOFOLLOW_LINKS).uid() != here.uid();
        } catch (FaultException e) {
            return false; // its owner has just removed it
        }
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
