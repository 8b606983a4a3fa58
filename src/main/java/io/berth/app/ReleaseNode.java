package io.berth.app;

import io.berth.batch.NodeContext;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.stage.JobKey;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.stage.TreeName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/// Forgets what a job had on this node. The image's tree stays for the next job. Doing it twice is fine.
public final class ReleaseNode {
    /// For trees that are no job's.
    private static final JobKey NO_JOB = new JobKey("none", 0);

    private final Supplier<NodeStage> stage;
    private final StageLayout layout;

    public ReleaseNode(Supplier<NodeStage> stage, StageLayout layout) {
        this.stage = stage;
        this.layout = layout;
    }

    public void release(NodeContext node) {
        // where nothing was ever staged there may be no right to make a folder either
        if (Files.exists(layout.base())) {
            stage.get().release(node.job());
        }
    }

    /// Removes a named tree that outlives jobs.
    ///
    /// Errors: BUSY while a step runs in it.
    public void remove(TreeName name) {
        Path tree = layout.named(NO_JOB, name);
        if (Folders.list(tree).stream().anyMatch(ranks -> RunningRanks.live(ranks, "none"))) {
            throw FaultException.of(
                    Fault.BUSY, "removing container " + name.name() + ": a step runs in it", "end the step first");
        }
        if (Files.exists(layout.base())) {
            stage.get().removeNamed(NO_JOB, name);
        }
    }
}
