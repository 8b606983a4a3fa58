package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.layer.ArchiveReader;
import io.berth.layer.UnpackLimits;
import io.berth.progress.Progress;
import io.berth.store.BlobSpool;
import io.berth.store.BlobSpool.Spooled;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The files of an archive of images, by their names in it: from a folder, or from a tar archive, whose files come in
/// any order and so are all spooled first.
abstract sealed class LoadSource {
    /// Manifests and configurations are read into memory; none is larger than this.
    private static final long LARGEST_TEXT = 16 << 20;

    /// The file, with its digest; empty when there is none of that name.
    abstract Optional<Spooled> find(String name);

    static LoadSource of(ArchiveSource source, BlobSpool spool, UnpackLimits limits, Progress.Task task) {
        if (source instanceof ArchiveSource.Streamed(InputStream in)) {
            return new Tar(in, spool, limits, task);
        }
        if (source instanceof ArchiveSource.Named(Path folder) && Files.isDirectory(folder)) {
            return new Folder(folder, spool, task);
        }
        try (InputStream in = source.open()) {
            return new Tar(in, spool, limits, task);
        } catch (IOException e) {
            throw FaultException.io("reading the archive", e);
        }
    }

    final Spooled get(String name) {
        return find(name).orElseThrow(() -> corrupt("file '" + name + "' is missing in it"));
    }

    final Optional<String> text(String name) {
        return find(name).map(LoadSource::text);
    }

    static String text(Spooled file) {
        if (file.sizeBytes() > LARGEST_TEXT) {
            throw corrupt("a manifest or configuration of " + file.sizeBytes() + " bytes");
        }
        try {
            return Files.readString(file.file());
        } catch (IOException e) {
            throw FaultException.io("reading " + file.file(), e);
        }
    }

    static FaultException corrupt(String why) {
        return FaultException.of(Fault.CORRUPT, why, "make the archive again");
    }

    private static final class Folder extends LoadSource {
        private final Path folder;
        private final BlobSpool spool;
        private final Progress.Task task;
        private final Map<String, Optional<Spooled>> found = new HashMap<>();

        Folder(Path folder, BlobSpool spool, Progress.Task task) {
            this.folder = folder;
            this.spool = spool;
            this.task = task;
        }

        @Override
        Optional<Spooled> find(String name) {
            return found.computeIfAbsent(name, this::copy);
        }

        private Optional<Spooled> copy(String name) {
            Path inside = pathOf(name);
            if (inside.isAbsolute() || !inside.normalize().equals(inside) || inside.startsWith("..")) {
                throw corrupt("it names file '" + name + "', which is not in it");
            }
            Path file = folder.resolve(inside);
            return Files.isRegularFile(file) ? Optional.of(spool.copy(file, task::advance)) : Optional.empty();
        }

        private static Path pathOf(String name) {
            try {
                return Path.of(name);
            } catch (InvalidPathException e) {
                throw corrupt("it names a file that can be none: " + e.getReason());
            }
        }
    }

    private static final class Tar extends LoadSource {
        private static final int MOST_LINKS = 40;

        private final Map<String, Spooled> files = new HashMap<>();
        private final Map<String, String> links = new HashMap<>();

        Tar(InputStream in, BlobSpool spool, UnpackLimits limits, Progress.Task task) {
            ArchiveReader archive = ArchiveReader.of(in, limits);
            long bytes = 0;
            for (Optional<ArchiveReader.Entry> next = archive.next(); next.isPresent(); next = archive.next()) {
                ArchiveReader.Entry entry = next.get();
                switch (entry.kind()) {
                    case FILE -> {
                        bytes += entry.sizeBytes();
                        if (bytes > limits.bytes()) {
                            throw corrupt("it holds more than " + limits.bytes() + " bytes");
                        }
                        files.put(entry.name(), spool.add(archive.contents(), task::advance));
                    }
                    case LINK -> links.put(entry.name(), entry.target());
                    case OTHER -> {
                        // folders say nothing
                    }
                }
            }
        }

        @Override
        Optional<Spooled> find(String name) {
            String at = name.startsWith("./") ? name.substring(2) : name;
            for (int i = 0; i < MOST_LINKS && links.containsKey(at); i++) {
                at = String.valueOf(links.get(at));
            }
            return Optional.ofNullable(files.get(at));
        }
    }
}
