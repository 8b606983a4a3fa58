package io.berth.app;

import io.berth.batch.NodeContext;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.stage.StageLayout;
import io.berth.stage.StepFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Keeps the files of a step that has ended, as a squashfs file.
public final class SaveStep {
    private final StageLayout layout;
    private final Squashfs squashfs;

    public SaveStep(StageLayout layout, Squashfs squashfs) {
        this.layout = layout;
        this.squashfs = squashfs;
    }

    /// @return the file, as asked for when the step was prepared
    public Path save(NodeContext node, String step) {
        StepFolder folder = layout.step(node.job(), step);
        if (!Files.exists(folder.saved())) {
            throw FaultException.of(
                    Fault.NOT_FOUND,
                    "saving step " + step + " of job " + node.job() + ": it was not prepared for that here",
                    "give --container-save to the step");
        }
        List<String> lines = AtomicFile.read(folder.saved()).lines().toList();
        Path target = Path.of(lines.getFirst());
        squashfs.pack(Path.of(lines.getLast()), AtomicFile.read(folder.config()), target);
        return target;
    }

    /// What would fail only when the step has done its work.
    static void requireTarget(Path target) {
        Path folder = target.resolveSibling("");
        String doing = "saving to " + target + ": ";
        if (!target.isAbsolute() || target.toString().indexOf('\n') >= 0) {
            throw FaultException.badInput(doing + "it is not an absolute path in one line", "name a file to write");
        }
        if (Files.isDirectory(target)) {
            throw FaultException.badInput(doing + "it is a folder", "name a file to write, such as image.sqsh in it");
        }
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    doing + "on this node its folder is not there, or you may not write in it",
                    "make the folder first");
        }
    }
}
