package io.berth.app;

import io.berth.batch.NodeContext;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import java.nio.file.Files;
import java.util.function.Supplier;

/// Forgets what a job had on this node. The image's tree stays for the next job. Doing it twice is fine.
public final class ReleaseNode {
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
}
