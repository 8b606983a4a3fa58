package io.berth.layer;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Makes the tree of an image from its layers.
///
/// Everything becomes the user's own. Kept: contents, hard and symbolic links, times of modification, permissions (less
/// the umask, always enough for the owner), sticky bits, extended attributes of users. Not kept: owners, setuid and
/// setgid, other extended attributes; device nodes and named pipes are left out. No entry can name anything outside
/// the tree: links are followed inside it, as a changed root would.
/// Source: OCI image-spec 1.1, layer.md; udocker 1.3 for what rootless users get.
public final class LayerUnpacker {
    /// Unpacks layers oldest first into an existing empty folder that nobody else writes to.
    ///
    /// Errors: CORRUPT when an archive is damaged, hostile, beyond the limits or not what its diff id says;
    /// NO_SPACE, NOT_ALLOWED, NOT_FOUND from the file system; INTERRUPTED. The folder is then half full; the
    /// caller removes it.
    public UnpackReport unpack(
            List<LayerFile> layersOldestFirst, Path rootDirectory, UnpackOptions options, Progress progress) {
        try {
            Path root = rootDirectory.toRealPath();
            requireEmpty(root);
            Modes modes = Modes.of(root, options.readOnly());
            Tree tree = new Tree(root, modes);
            SkippedEntries skipped = new SkippedEntries();
            LayerWriter writer = new LayerWriter(tree, modes, options.limits(), skipped);
            write(layersOldestFirst, root, writer, options.limits(), progress);
            if (options.standardMountPoints()) {
                MountPoints.make(tree, modes);
            }
            new TreeClosing(modes).close(tree.root());
            return new UnpackReport(writer.entries(), writer.bytes(), skipped.lines());
        } catch (IOException e) {
            throw FaultException.io("unpacking into " + rootDirectory, e);
        }
    }

    private static void write(
            List<LayerFile> layersOldestFirst, Path root, LayerWriter writer, UnpackLimits limits, Progress progress) {
        try (InflatePipeline pipeline = new InflatePipeline(layersOldestFirst, limits, progress)) {
            for (LayerFile layer : layersOldestFirst) {
                try {
                    writer.write(new TarReader(new LayerStream(pipeline)));
                } catch (FaultException e) {
                    // names in the archive do not tell which disk is full
                    throw e.during("unpacking " + layer.label() + (e.fault() == Fault.NO_SPACE ? " into " + root : ""));
                }
            }
        }
    }

    private static void requireEmpty(Path root) throws IOException {
        if (!Folders.entries(root).isEmpty()) {
            throw FaultException.badInput("unpacking into " + root + ": it is not empty", "name an empty folder");
        }
    }
}
