package io.berth.files;

import static java.util.Objects.requireNonNull;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RecursiveAction;
import java.util.function.LongConsumer;
import java.util.function.Predicate;

/// Copies trees, several folders at once. Contents are shared with the original where the file system can
/// (copy_file_range(2), which makes reflinks), else copied in the kernel.
///
/// Kept: contents, permissions, times, symbolic and hard links, extended attributes, named pipes; owners if wanted.
public final class TreeCopy {
    private static final int DIRECTORY = 0040000;
    private static final int TYPE = 0170000;

    private final Path from;
    private final Path to;
    private final Predicate<Path> wanted;
    private final LongConsumer heard;
    private final boolean links;
    private final boolean owners;
    private final Map<Object, Path> firstNames = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<Path> otherNames = new ConcurrentLinkedQueue<>();
    /// Folders, each after those below it.
    private final ConcurrentLinkedQueue<Path> finished = new ConcurrentLinkedQueue<>();

    private TreeCopy(Path from, Path to, Predicate<Path> wanted, LongConsumer heard, boolean links, boolean owners) {
        this.links = links;
        this.owners = owners;
        this.from = from;
        this.to = to;
        this.wanted = wanted;
        this.heard = heard;
    }

    /// Errors: those of the file system; INTERRUPTED. The copy is then incomplete; the caller removes it.
    ///
    /// @param to exists and is empty
    /// @param wanted of what lies directly in `from`
    /// @param heard hears the size of each file that is copied, from several threads
    public static void copy(Path from, Path to, Predicate<Path> wanted, LongConsumer heard) {
        copy(from, to, wanted, false, heard);
    }

    /// @param owners whether each copy belongs to whom the original belongs; for root
    public static void copy(Path from, Path to, Predicate<Path> wanted, boolean owners, LongConsumer heard) {
        run(new TreeCopy(from, to, wanted, heard, false, owners));
    }

    /// Makes a tree of the same files: each gets one more name, and only folders are new. Where a file cannot have
    /// one, it is copied.
    ///
    /// @param to exists and is empty, on the same file system
    public static void link(Path from, Path to) {
        run(new TreeCopy(from, to, _ -> true, _ -> {}, true, false));
    }

    private static void run(TreeCopy copy) {
        String doing = "copying " + copy.from + " to " + copy.to;
        ForkJoinPool pool = new ForkJoinPool(Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 8));
        try (pool) {
            pool.submit(copy.new Folder(copy.from)).get();
            copy.linkOtherNames();
            copy.closeFolders();
        } catch (ExecutionException e) {
            throw FaultException.io(doing, ioOf(e));
        } catch (IOException e) {
            throw FaultException.io(doing, e);
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
            throw FaultException.of(Fault.INTERRUPTED, doing + ": stopped", "run it again", e);
        }
    }

    /// The pool wraps what a task threw, perhaps more than once.
    private static IOException ioOf(Throwable problem) {
        for (Throwable cause = problem; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException io) {
                return io;
            }
        }
        throw new IllegalStateException(problem);
    }

    private Path target(Path source) {
        return to.resolve(from.relativize(source));
    }

    /// A second name of a file is made when all first ones are there.
    private void linkOtherNames() throws IOException {
        for (Path source : otherNames) {
            Object inode = Files.getAttribute(source, "unix:ino", LinkOption.NOFOLLOW_LINKS);
            Files.createLink(target(source), target(requireNonNull(firstNames.get(inode))));
        }
    }

    /// Their content changes their times, and needs their permissions.
    private void closeFolders() throws IOException {
        for (Path folder : finished) {
            own(folder, target(folder));
            int mode = (Integer) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(target(folder), "unix:mode", mode & 07777);
            times(folder, target(folder));
        }
    }

    private final class Folder extends RecursiveAction {
        private static final long serialVersionUID = 1;

        private final transient Path folder;

        Folder(Path folder) {
            this.folder = folder;
        }

        @Override
        protected void compute() {
            try {
                List<Folder> below = new ArrayList<>();
                for (Path entry : entries()) {
                    copy(entry, below);
                }
                invokeAll(below);
                if (!folder.equals(from)) {
                    finished.add(folder);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private List<Path> entries() throws IOException {
            List<Path> entries = Folders.entries(folder);
            return folder.equals(from) ? entries.stream().filter(wanted).toList() : entries;
        }

        private void copy(Path entry, List<Folder> below) throws IOException {
            Map<String, Object> stat =
                    Files.readAttributes(entry, "unix:mode,nlink,ino,size", LinkOption.NOFOLLOW_LINKS);
            if (((Integer) requireNonNull(stat.get("mode")) & TYPE) == DIRECTORY) {
                Folders.make(target(entry));
                below.add(new Folder(entry));
                return;
            }
            if (links && hasNewName(entry)) {
                return;
            }
            boolean several = (Integer) requireNonNull(stat.get("nlink")) > 1;
            if (several && firstNames.putIfAbsent(requireNonNull(stat.get("ino")), entry) != null) {
                otherNames.add(entry);
            } else {
                Files.copy(entry, target(entry), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
                heard.accept((Long) requireNonNull(stat.get("size")));
                if (owners) {
                    own(entry, target(entry));
                    reopen(entry, stat);
                }
                if (Files.isSymbolicLink(entry)) {
                    times(entry, target(entry));
                }
            }
        }
    }

    private boolean hasNewName(Path entry) {
        try {
            Files.createLink(target(entry), entry);
            return true;
        } catch (IOException e) {
            return false; // too many names, another file system, somebody else's file: the copy says if it is more
        }
    }

    private void own(Path source, Path copy) throws IOException {
        if (owners) {
            for (String owner : List.of("unix:uid", "unix:gid")) {
                Object id = Files.getAttribute(source, owner, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(copy, owner, id, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    /// A change of the owner takes the permission to run as him away.
    private void reopen(Path source, Map<String, Object> stat) throws IOException {
        int mode = (Integer) requireNonNull(stat.get("mode"));
        if ((mode & 06000) != 0 && !Files.isSymbolicLink(source)) {
            Files.setAttribute(target(source), "unix:mode", mode & 07777);
        }
    }

    private static void times(Path source, Path copy) throws IOException {
        BasicFileAttributes times = Files.readAttributes(source, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        Files.getFileAttributeView(copy, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(times.lastModifiedTime(), times.lastAccessTime(), null);
    }
}
