package io.berth.app;

import io.berth.batch.Slurm;
import io.berth.engine.PastBoots;
import io.berth.files.TreeRemoval;
import io.berth.process.LaunchPlan;
import io.berth.stage.JobKey;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Forgets what ended jobs of the user left on this node, when they had no time to say that they were done, and what
/// was found out of it in earlier boots.
public final class SweepNode {
    private final Supplier<NodeStage> stage;
    private final StageLayout layout;
    private final LaunchPlan.Owner here;

    public SweepNode(Supplier<NodeStage> stage, StageLayout layout, LaunchPlan.Owner here) {
        this.stage = stage;
        this.layout = layout;
        this.here = here;
    }

    /// @param jobs that were forgotten
    /// @param images trees that were removed
    public record Swept(List<JobKey> jobs, int images) {}

    /// @param images whether trees that no job uses go too; the next job has to unpack them again
    public Swept sweep(boolean images) {
        if (!Files.exists(layout.base())) {
            return new Swept(List.of(), 0);
        }
        NodeStage node = stage.get();
        PastBoots.left(layout.base(), here).forEach(TreeRemoval::remove);
        List<JobKey> ended = forgetEnded(node, node.jobs());
        return new Swept(ended, images ? node.sweepImages() : 0);
    }

    /// The same, and trees that no step has asked for since then go too.
    public Swept sweepUnused(Instant since) {
        Swept swept = sweep(false);
        return Files.exists(layout.base()) ? new Swept(swept.jobs(), stage.get().sweepImages(since)) : swept;
    }

    /// Those that Slurm does not know as alive.
    ///
    /// @return what was forgotten
    static List<JobKey> forgetEnded(NodeStage node, List<JobKey> jobs) {
        Set<String> alive = Slurm.alive(jobs.stream().map(JobKey::job).collect(Collectors.toSet()));
        List<JobKey> ended =
                jobs.stream().filter(key -> !alive.contains(key.job())).toList();
        ended.forEach(node::release);
        return ended;
    }
}
