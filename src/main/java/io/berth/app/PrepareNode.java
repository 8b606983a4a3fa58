package io.berth.app;

import io.berth.batch.MpiHandoff;
import io.berth.batch.NodeContext;
import io.berth.batch.Slurm;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.Tree;
import io.berth.engine.ModeRequest;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.json.ManifestJson;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.LaunchPlan;
import io.berth.process.PlanText;
import io.berth.progress.Progress;
import io.berth.stage.JobKey;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.stage.StageTicket;
import io.berth.stage.StagedImage;
import io.berth.stage.StepFolder;
import io.berth.store.StoredImage;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Makes a node ready for one step of a job: the image's tree, the mode, the plan. However many processes ask at
/// once,
/// one does the work.
public final class PrepareNode {
    private final Supplier<NodeStage> stage;
    private final StageLayout layout;
    private final PullImage pullImage;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final PlanRun planRun;

    public PrepareNode(
            Supplier<NodeStage> stage,
            StageLayout layout,
            PullImage pullImage,
            LayerUnpacker unpacker,
            UnpackOptions options,
            PlanRun planRun) {
        this.stage = stage;
        this.layout = layout;
        this.pullImage = pullImage;
        this.unpacker = unpacker;
        this.options = options;
        this.planRun = planRun;
    }

    /// @param image pinned by digest
    public record Request(NodeContext node, String step, ImageReference image, RunChoices choices, ModeRequest mode) {}

    /// @return the folder with the plan
    public StepFolder prepare(Request request) {
        try {
            NodeStage node = stage.get();
            StageTicket ticket = node.enter(request.node().job(), request.step());
            return ticket instanceof StageTicket.Owner owner
                    ? make(node, owner, request)
                    : ((StageTicket.Ready) ticket).step();
        } catch (FaultException e) {
            throw e.during("preparing node " + request.node().node());
        }
    }

    private StepFolder make(NodeStage node, StageTicket.Owner owner, Request request) {
        boolean done = false;
        try {
            Digest digest = request.image()
                    .digest()
                    .orElseThrow(() -> FaultException.badInput(
                            "staging " + request.image() + ": it is not pinned by a digest",
                            "name it as NAME@sha256:...; 'berth job script' does so"));
            node.claim(owner, digest);
            StagedImage image = stageImage(node, digest, request);
            PlanRun.Planned planned = planRun.plan(planRequest(request, owner.step(), image));
            node.publish(owner, PlanText.of(planned.plan()), Explanation.json(planned));
            done = true;
            return owner.step();
        } finally {
            if (!done) {
                node.abandon(owner, request.node().job());
            }
            owner.close();
        }
    }

    private PlanRun.Request planRequest(Request request, StepFolder step, StagedImage image) {
        Occasion occasion = new Occasion.Step(
                request.node().workingDirectory(),
                MpiHandoff.mounts(),
                MpiHandoff.descriptorVariables(),
                MpiHandoff.variables(),
                Optional.of(new LaunchPlan.Share(step.meeting(), "SLURM_STEP_ID")));
        return new PlanRun.Request(
                request.choices(),
                ManifestJson.config(image.configJson()),
                new Tree(image.root(), true),
                occasion,
                request.mode(),
                layout.base(),
                step.scratch());
    }

    /// A full disk is tried once more without what dead jobs left and trees that no job uses.
    private StagedImage stageImage(NodeStage node, Digest digest, Request request) {
        try {
            return node.image(digest, root -> unpack(request.image(), root));
        } catch (FaultException e) {
            if (e.fault() != Fault.NO_SPACE) {
                throw e;
            }
            forgetDeadJobs(node, request.node().job());
            if (node.sweepImages() == 0) {
                throw e;
            }
            return node.image(digest, root -> unpack(request.image(), root));
        }
    }

    private static void forgetDeadJobs(NodeStage node, JobKey own) {
        List<JobKey> others =
                node.jobs().stream().filter(key -> !key.equals(own)).toList();
        Set<String> alive = Slurm.alive(others.stream().map(JobKey::job).collect(Collectors.toSet()));
        others.stream().filter(key -> !alive.contains(key.job())).forEach(node::release);
    }

    private String unpack(ImageReference reference, Path root) {
        StoredImage image = pullImage.pull(new PullImage.Request(reference, Platform.host()));
        unpacker.unpack(CreateContainer.layersOf(image), root, options, Progress.none());
        return image.configJson();
    }
}
