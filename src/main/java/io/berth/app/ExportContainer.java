package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.DiskUsage;
import io.berth.files.OutputFile;
import io.berth.layer.TreePacker;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.Repository;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Packs a container's tree, or all of its folder, into an archive.
public final class ExportContainer {
    private final Repository repository;
    private final LaunchPlan.Owner caller;
    private final Progress progress;

    public ExportContainer(Repository repository, LaunchPlan.Owner caller, Progress progress) {
        this.repository = repository;
        this.caller = caller;
        this.progress = progress;
    }

    /// Errors: NOT_FOUND.
    public Container find(String idOrName) {
        return repository
                .containers()
                .find(idOrName)
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "exporting container " + idOrName + ": there is no such container",
                        repository.containers().hintFor(idOrName)));
    }

    /// A file of that name is replaced.
    public List<String> export(Container container, boolean whole, Path file) {
        List<String> notices = new ArrayList<>();
        OutputFile.replace(file, out -> notices.addAll(export(container, whole, out)));
        return notices;
    }

    /// Does not close the stream. Files that an F mode has changed leave as they were before.
    ///
    /// @param whole the folder with what udocker and berth keep beside the tree, for `import --clone`
    /// @return what was left out, a line a kind
    public List<String> export(Container container, boolean whole, OutputStream out) {
        RestingTree resting = new RestingTree(container, caller);
        resting.settle("exporting");
        try (Progress.Task task = progress.begin("export", () -> DiskUsage.bytes(container.root()))) {
            return TreePacker.pack(
                    whole ? container.folder() : container.root(),
                    new HeardOutput(out, task),
                    caller.uid() == 0,
                    resting.leaving());
        }
    }
}
