package io.berth.layer;

import io.berth.fault.FaultException;
import io.berth.layer.SkippedEntries.Kind;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Writes the entries of the layers into the tree, one layer after another.
final class LayerWriter {
    private final Tree tree;
    private final Modes modes;
    private final UnpackLimits limits;
    private final SkippedEntries skipped;
    private final FileContents contents;
    private final LayerNames madeByThisLayer = new LayerNames();
    private long entries;
    private int layer = -1;

    LayerWriter(Tree tree, Modes modes, UnpackLimits limits, SkippedEntries skipped) {
        this.tree = tree;
        this.modes = modes;
        this.limits = limits;
        this.skipped = skipped;
        this.contents = new FileContents(tree, modes);
    }

    long entries() {
        return entries;
    }

    long bytes() {
        return contents.bytes();
    }

    /// Errors: CORRUPT for what is wrong with the archive; what the file system answers, as it is.
    void write(TarReader archive) {
        layer++;
        madeByThisLayer.clear();
        Whiteouts whiteouts = new Whiteouts(tree, madeByThisLayer, layer);
        TarEntry entry;
        while ((entry = archive.next()) != null) {
            if (++entries > limits.entries()) {
                throw Corrupt.limit("the layers hold more than " + limits.entries() + " entries", "unpack_max_entries");
            }
            place(entry, archive, whiteouts);
        }
    }

    private void place(TarEntry entry, TarReader archive, Whiteouts whiteouts) {
        String name = entry.name();
        EntryPath path = EntryPath.of(name, limits.depth());
        try {
            if (path.isRoot()) {
                placeRoot(entry);
            } else if (path.parent().stream().anyMatch(part -> part.startsWith(Whiteouts.PREFIX))) {
                skipped.add(Kind.RESERVED, name);
            } else if (Whiteouts.isWhiteout(path)) {
                whiteouts.apply(path);
            } else {
                placeNamed(path, entry, archive);
            }
        } catch (InvalidPathException e) {
            skipped.add(Kind.NAMES, name);
        } catch (IOException e) {
            throw translated(path, e);
        }
    }

    private void placeRoot(TarEntry entry) {
        if (entry.isFolder()) {
            tree.root().describe(modes.folder(entry.mode()), entry.modified(), layer);
        }
    }

    private void placeNamed(EntryPath path, TarEntry entry, TarReader archive) throws IOException {
        switch (entry.type()) {
            case TarEntry.FOLDER -> folder(path, entry);
            case TarEntry.FILE -> file(path, entry, archive);
            case TarEntry.SYMBOLIC_LINK -> symbolicLink(path, entry);
            case TarEntry.HARD_LINK -> hardLink(path, entry);
            case TarEntry.CHARACTER_DEVICE, TarEntry.BLOCK_DEVICE -> skip(path, Kind.DEVICES);
            case TarEntry.FIFO -> skip(path, Kind.FIFOS);
            default -> skipped.add(Kind.UNKNOWN, entry.name());
        }
    }

    private void folder(EntryPath path, TarEntry entry) throws IOException {
        int mode = modes.folder(entry.mode());
        Folder folder = tree.folder(tree.make(path.parent()), path.name(), mode);
        folder.describe(mode, entry.modified(), layer);
        setAttributes(folder.path(), entry);
    }

    private void file(EntryPath path, TarEntry entry, TarReader archive) throws IOException {
        checkSize(path, entry);
        Folder parent = tree.make(path.parent());
        Path file = contents.write(parent, path.name(), entry, archive);
        setAttributes(file, entry);
        Times.set(file, entry.modified());
        made(parent, path);
    }

    private void checkSize(EntryPath path, TarEntry entry) {
        if (entry.size() > limits.bytes()) {
            throw Corrupt.limit(
                    "entry '" + path + "': it is larger than " + limits.bytes() + " bytes", "unpack_max_megabytes");
        }
        if (entry.size() > limits.bytes() - contents.bytes()) {
            throw Corrupt.limit(
                    "the layers hold files of more than " + limits.bytes() + " bytes", "unpack_max_megabytes");
        }
    }

    private void symbolicLink(EntryPath path, TarEntry entry) throws IOException {
        if (entry.link().isEmpty()) {
            throw Corrupt.entry(path.toString(), "a symbolic link to nothing");
        }
        Folder parent = tree.make(path.parent());
        Path link = ByteName.in(parent.path(), path.name());
        Path target = ByteName.path(entry.link());
        try {
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException e) {
            tree.replace(parent, path.name());
            Files.createSymbolicLink(link, target);
        }
        Times.setOfLink(link, entry.modified());
        made(parent, path);
    }

    private void hardLink(EntryPath path, TarEntry entry) throws IOException {
        EntryPath target = EntryPath.of(entry.link(), limits.depth());
        // first, since it may replace the very file that is to be linked
        Folder parent = tree.make(path.parent());
        Path existing = linkTarget(path, target);
        Path link = ByteName.in(parent.path(), path.name());
        if (!link.equals(existing)) {
            tree.replace(parent, path.name());
            try {
                Files.createLink(link, existing);
            } catch (NoSuchFileException e) {
                throw noTarget(path, target);
            }
        }
        made(parent, path);
    }

    /// The last component is not followed: a hard link to a symbolic link is legal and means the link itself.
    private Path linkTarget(EntryPath path, EntryPath target) throws IOException {
        Optional<Folder> folder = target.isRoot() ? Optional.empty() : tree.find(target.parent());
        if (folder.isEmpty()) {
            throw noTarget(path, target);
        }
        Path existing = ByteName.in(folder.get().path(), target.name());
        if (folder.get().child(target.name()) instanceof Folder || !Tree.exists(existing)) {
            throw noTarget(path, target);
        }
        return existing;
    }

    private static FaultException noTarget(EntryPath path, EntryPath target) {
        return Corrupt.entry(path.toString(), "a hard link to '" + target + "', which is no file here");
    }

    /// What cannot be made still replaces what was there.
    private void skip(EntryPath path, Kind kind) throws IOException {
        skipped.add(kind, String.join("/", path.components()));
        Folder parent = tree.find(path.parent()).orElse(null);
        if (parent != null) {
            tree.replace(parent, path.name());
        }
    }

    private void made(Folder parent, EntryPath path) {
        parent.touch(layer);
        madeByThisLayer.add(parent, path.name());
    }

    private void setAttributes(Path path, TarEntry entry) {
        if (!entry.attributes().isEmpty() && !Attributes.set(path, entry.attributes())) {
            skipped.add(Kind.ATTRIBUTES, entry.name());
        }
    }

    private static FaultException translated(EntryPath path, IOException e) {
        @Nullable String reason = e instanceof FileSystemException system ? system.getReason() : null;
        if (reason != null && reason.contains("name too long")) {
            return Corrupt.entry(path.toString(), "its name is too long for this file system");
        }
        return e instanceof ClosedByInterruptException
                ? InflatePipeline.interrupted(e)
                : FaultException.io("writing " + path, e);
    }
}
