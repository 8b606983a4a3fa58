package io.berth.app;

import io.berth.fault.FaultException;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.process.CachedPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Keeps the plan of this command line, for the front to start it without Java the next time; or says that none comes.
///
/// Shape: a file named by its key, in a folder of the user's alone that the front has made. Everything in it may be
/// removed at any time.
public final class PlanCache {
    private static final int MOST_FILES = 512;
    private static final long MOST_BYTES = 8 << 20;

    private final Optional<Path> file;
    private final Evidence evidence;

    /// @param file named by the front; empty when it wants none
    public PlanCache(Optional<Path> file, Evidence evidence) {
        this.file = file;
        this.evidence = evidence;
    }

    /// What was looked at so far.
    public Evidence evidence() {
        return evidence;
    }

    /// What is in this file makes a difference.
    public void reads(Path read) {
        evidence.content(read);
    }

    /// Whether a plan of this run is worth keeping.
    public boolean isWanted() {
        return file.isPresent() && evidence.isSure();
    }

    public void keep(CachedPlan plan) {
        if (!isWanted()) {
            refuse();
            return;
        }
        Path target = file.orElseThrow();
        String key = String.valueOf(target.getFileName());
        write(target, plan.text(key));
        sweep(target.resolveSibling(""));
    }

    /// Nobody need wait for a plan of this command line.
    public void refuse() {
        file.ifPresent(target -> {
            try {
                // in place: those who wait have it open
                Files.writeString(target.resolveSibling(target.getFileName() + ".lock"), "no\n");
                sweep(target.resolveSibling(""));
            } catch (IOException e) {
                // they plan for themselves when their patience ends
            }
        });
    }

    /// Not flushed to the disk: a file that a power cut damaged is passed over. A cache that cannot be written is none.
    private static void write(Path target, String text) {
        Path draft = target.resolveSibling(
                "." + target.getFileName() + "." + ProcessHandle.current().pid());
        try {
            Files.deleteIfExists(draft);
            Files.createFile(draft, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, text);
            Files.move(draft, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(draft);
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
        }
    }

    private record Entry(Path file, FileTime written, long bytes) {}

    /// The oldest go when there are too many.
    private static void sweep(Path folder) {
        List<Entry> entries = entries(folder);
        long bytes = entries.stream().mapToLong(Entry::bytes).sum();
        int count = entries.size();
        if (count <= MOST_FILES && bytes <= MOST_BYTES) {
            return;
        }
        entries.sort(Comparator.comparing(Entry::written));
        for (Entry entry : entries) {
            // some room, or each start would have to sweep
            if (count <= MOST_FILES / 4 * 3 && bytes <= MOST_BYTES / 4 * 3) {
                return;
            }
            count--;
            bytes -= entry.bytes();
            remove(entry.file());
        }
    }

    private static List<Entry> entries(Path folder) {
        List<Entry> entries = new ArrayList<>();
        try {
            for (Path file : Folders.list(folder)) {
                add(file, entries);
            }
        } catch (FaultException e) {
            entries.clear(); // somebody else removes it all
        }
        return entries;
    }

    private static void add(Path file, List<Entry> entries) {
        try {
            entries.add(new Entry(file, Files.getLastModifiedTime(file), Files.size(file)));
        } catch (NoSuchFileException e) {
            // another one has swept it
        } catch (IOException e) {
            throw FaultException.io("examining " + file, e);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // it is only a cache
        }
    }
}
