package io.berth.files;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// An exclusive lock that dies with its process.
///
/// A POSIX record lock is dropped when *any* channel of the process on that file is closed, so each lock has a
/// file of its own that holds nothing else and is never removed (removing it would let two owners in).
public final class LockFile implements AutoCloseable {
    private static final long SHORTEST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 100;

    /// Locks of this process: a thread that asks for one of them must not even open the file, since closing it again
    /// would drop the lock.
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path key;
    private final FileChannel channel;

    private LockFile(Path key, FileChannel channel) {
        this.key = key;
        this.channel = channel;
    }

    /// Waits for the lock.
    ///
    /// Errors: BUSY after `patience`; INTERRUPTED.
    ///
    /// @param what is locked, for the message
    public static LockFile acquire(Path file, Duration patience, String what) {
        long end = System.nanoTime() + patience.toNanos();
        long pause = SHORTEST_PAUSE_MILLIS;
        while (true) {
            Optional<LockFile> lock = tryAcquire(file);
            if (lock.isPresent()) {
                return lock.get();
            }
            if (System.nanoTime() > end) {
                throw FaultException.of(
                        Fault.BUSY,
                        "waiting for " + what + ": another process still holds " + file + " after "
                                + patience.toSeconds() + " s",
                        "look for another berth, here or on another node that shares the folder, then try again");
            }
            pause(pause);
            pause = Math.min(pause * 2, LONGEST_PAUSE_MILLIS);
        }
    }

    public static Optional<LockFile> tryAcquire(Path file) {
        Path key = file.toAbsolutePath().normalize();
        if (!HELD.add(key)) {
            return Optional.empty();
        }
        Optional<LockFile> lock = Optional.empty();
        try {
            lock = lock(file, key);
        } finally {
            if (lock.isEmpty()) {
                HELD.remove(key);
            }
        }
        return lock;
    }

    private static Optional<LockFile> lock(Path file, Path key) {
        FileChannel channel;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw FaultException.io("opening the lock " + file, e);
        }
        try {
            FileLock lock = channel.tryLock();
            if (lock != null && channel.size() == 0) {
                return Optional.of(new LockFile(key, channel));
            }
        } catch (IOException e) {
            close(channel, file);
            throw FaultException.io("locking " + file, e);
        }
        close(channel, file);
        return Optional.empty();
    }

    /// Removes the file and releases the lock: nobody will need it again.
    ///
    /// Its length tells those who had opened it before that it is no lock any more, or two of them could hold "the"
    /// lock. A length without content needs no room, even on a full disk.
    public void retire() {
        try (RandomAccessFile file = new RandomAccessFile(key.toFile(), "rw")) {
            file.setLength(1);
            Files.deleteIfExists(key);
        } catch (IOException e) {
            throw FaultException.io("removing the lock " + key, e);
        } finally {
            close();
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FaultException.io("releasing a lock", e);
        } finally {
            HELD.remove(key);
        }
    }

    private static void close(FileChannel channel, Path file) {
        try {
            channel.close();
        } catch (IOException e) {
            throw FaultException.io("closing the lock " + file, e);
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FaultException.of(Fault.INTERRUPTED, "waiting for a lock: interrupted", "run the command again", e);
        }
    }
}
