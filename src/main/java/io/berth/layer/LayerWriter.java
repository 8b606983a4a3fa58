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
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
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
    void write(TarEntries archive) {
        layer++;
        madeByThisLayer.clear();
        Whiteouts whiteouts = new Whiteouts(tree, madeByThisLayer, layer);
        TarArchiveEntry entry;
        while ((entry = archive.next()) != null) {
            if (++entries > limits.entries()) {
                throw Corrupt.limit("the layers hold more than " + limits.entries() + " entries");
            }
            place(entry, archive, whiteouts);
        }
    }

    private void place(TarArchiveEntry entry, TarEntries archive, Whiteouts whiteouts) {
        String name = entry.getName();
        if (archive.isUnnameable(name) || archive.isUnnameable(entry.getLinkName())) {
            skipped.add(Kind.NAMES, name);
            return;
        }
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

    private void placeRoot(TarArchiveEntry entry) {
        if (entry.isDirectory()) {
            tree.root().describe(modes.folder(entry.getMode()), entry.getLastModifiedTime(), layer);
        }
    }

    private void placeNamed(EntryPath path, TarArchiveEntry entry, TarEntries archive) throws IOException {
        switch (entry.getLinkFlag()) {
            case TarConstants.LF_DIR -> folder(path, entry);
            case TarConstants.LF_OLDNORM,
                    TarConstants.LF_NORMAL,
                    TarConstants.LF_CONTIG,
                    TarConstants.LF_GNUTYPE_SPARSE -> {
                // before ustar a slash at the end was what made a folder
                if (entry.getName().endsWith("/")) {
                    folder(path, entry);
                } else {
                    file(path, entry, archive);
                }
            }
            case TarConstants.LF_SYMLINK -> symbolicLink(path, entry);
            case TarConstants.LF_LINK -> hardLink(path, entry);
            case TarConstants.LF_CHR, TarConstants.LF_BLK -> skip(path, Kind.DEVICES);
            case TarConstants.LF_FIFO -> skip(path, Kind.FIFOS);
            default -> skipped.add(Kind.UNKNOWN, path.toString());
        }
    }

    private void folder(EntryPath path, TarArchiveEntry entry) throws IOException {
        int mode = modes.folder(entry.getMode());
        Folder folder = tree.folder(tree.make(path.parent()), path.name(), mode);
        folder.describe(mode, entry.getLastModifiedTime(), layer);
        noteAttributes(path, entry);
    }

    private void file(EntryPath path, TarArchiveEntry entry, TarEntries archive) throws IOException {
        if (entry.getRealSize() > limits.bytes()) {
            throw Corrupt.limit("entry '" + SkippedEntries.printable(path.toString()) + "': it is larger than "
                    + limits.bytes() + " bytes");
        }
        Folder parent = tree.make(path.parent());
        contents.write(parent, path.name(), entry, archive);
        Times.set(parent.path().resolve(path.name()), entry.getLastModifiedTime());
        made(parent, path);
        noteAttributes(path, entry);
    }

    private void symbolicLink(EntryPath path, TarArchiveEntry entry) throws IOException {
        if (entry.getLinkName().isEmpty()) {
            throw Corrupt.entry(path.toString(), "a symbolic link to nothing");
        }
        Folder parent = tree.make(path.parent());
        Path link = parent.path().resolve(path.name());
        Path target = link.getFileSystem().getPath(entry.getLinkName());
        try {
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException e) {
            tree.replace(parent, path.name());
            Files.createSymbolicLink(link, target);
        }
        Times.setOfLink(link, entry.getLastModifiedTime());
        made(parent, path);
    }

    private void hardLink(EntryPath path, TarArchiveEntry entry) throws IOException {
        EntryPath target = EntryPath.of(entry.getLinkName(), limits.depth());
        Path existing = linkTarget(path, target);
        Folder parent = tree.make(path.parent());
        Path link = parent.path().resolve(path.name());
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
        Path existing = folder.get().path().resolve(target.name());
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
        skipped.add(kind, path.toString());
        Folder parent = tree.find(path.parent()).orElse(null);
        if (parent != null) {
            tree.replace(parent, path.name());
        }
    }

    private void made(Folder parent, EntryPath path) {
        parent.touch(layer);
        madeByThisLayer.add(parent, path.name());
    }

    private void noteAttributes(EntryPath path, TarArchiveEntry entry) {
        for (String header : entry.getExtraPaxHeaders().keySet()) {
            if (header.startsWith("SCHILY.xattr.") || header.startsWith("LIBARCHIVE.xattr.")) {
                skipped.add(Kind.ATTRIBUTES, path.toString());
                return;
            }
        }
    }

    private static FaultException translated(EntryPath path, IOException e) {
        @Nullable String reason = e instanceof FileSystemException system ? system.getReason() : null;
        if (reason != null && reason.contains("name too long")) {
            return Corrupt.entry(path.toString(), "its name is too long for this file system");
        }
        return e instanceof ClosedByInterruptException
                ? InflatePipeline.interrupted(e)
                : FaultException.io("writing " + SkippedEntries.printable(path.toString()), e);
    }
}
