package io.berth.app;

import io.berth.batch.NodeContext;
import io.berth.stage.NodeStage;
import java.util.function.Supplier;

/// Forgets what a job had on this node. The image's tree stays for the next job. Doing it twice is fine.
public final class ReleaseNode {
    private final Supplier<NodeStage> stage;

    public ReleaseNode(Supplier<NodeStage> stage) {
        this.stage = stage;
    }

    public void release(NodeContext node) {
        stage.get().release(node.job());
    }
}
