package io.berth.app;

import io.berth.batch.MpiFit;
import io.berth.batch.MpiHandoff;
import io.berth.batch.MpiStep;
import io.berth.batch.NodeContext;
import io.berth.batch.Slurm;
import io.berth.container.InsideView;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.Tree;
import io.berth.elf.MpiLibrary;
import io.berth.engine.ModeOrder;
import io.berth.engine.ModeRequest;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.json.ManifestJson;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.ready.Patchelf;
import io.berth.stage.JobKey;
import io.berth.stage.NamedTree;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.stage.StageTicket;
import io.berth.stage.StagedImage;
import io.berth.stage.StepFolder;
import io.berth.stage.TreeName;
import io.berth.store.StoredImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Makes a node ready for one step of a job: the image's tree, the mode, the plan. However many processes ask at
/// once,
/// one does the work.
public final class PrepareNode {
    private static final String STEP_VARIABLE = "SLURM_STEP_ID";
    /// Never set: all steps of the job share what is kept under it.
    private static final String NO_VARIABLE = "BERTH_ALL_STEPS";

    private final Supplier<NodeStage> stage;
    private final StageLayout layout;
    private final PullImage pullImage;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final PlanRun planRun;
    private final Optional<Patchelf> patchelf;
    private final ModeOrder order;

    /// @param patchelf for modes F3 and F4
    public PrepareNode(
            Supplier<NodeStage> stage,
            StageLayout layout,
            PullImage pullImage,
            LayerUnpacker unpacker,
            UnpackOptions options,
            PlanRun planRun,
            ModeOrder order,
            Optional<Path> patchelf) {
        this.patchelf = patchelf.map(Patchelf::new);
        this.stage = stage;
        this.layout = layout;
        this.pullImage = pullImage;
        this.unpacker = unpacker;
        this.options = options;
        this.planRun = planRun;
        this.order = order;
    }

    public record Request(
            NodeContext node, MpiStep mpi, String step, TreeWish tree, RunChoices choices, ModeRequest mode) {}

    /// Which files a step wants.
    ///
    /// @param image pinned by digest; may be absent for a named tree that is there
    /// @param writable whether the step may change them, which then are its own
    /// @param name of a tree of the job that outlives the step
    public record TreeWish(Optional<ImageReference> image, boolean writable, Optional<TreeName> name) {}

    /// @param meeting where ranks that share a namespace meet
    private record TreeFiles(
            Path root, boolean readOnly, String configJson, LaunchPlan.Share meeting, ReadyTrees readyTrees) {}

    /// @param step the folder with the plan
    /// @param explanation of the plan, by whoever made it
    /// @param warning that the user should see once
    public record Prepared(StepFolder step, Optional<String> explanation, Optional<String> warning) {}

    /// Whatever it takes, unless that has been done.
    public Prepared prepare(Request request) {
        try {
            NodeStage node = stage.get();
            StageTicket ticket = node.enter(request.node().job(), request.step());
            return ticket instanceof StageTicket.Owner owner
                    ? make(node, owner, request)
                    : new Prepared(((StageTicket.Ready) ticket).step(), Optional.empty(), Optional.empty());
        } catch (FaultException e) {
            throw e.during("preparing node " + request.node().node());
        }
    }

    /// Unpacks an image that is going to be used here, for no job yet.
    ///
    /// @param image pinned by digest
    public void prefetch(ImageReference image) {
        stage.get().image(pinned(image), root -> unpack(image, root, options));
    }

    private static Digest pinned(ImageReference image) {
        return image.digest()
                .orElseThrow(() -> FaultException.badInput(
                        "staging " + image + ": it is not pinned by a digest",
                        "name it as NAME@sha256:...; 'berth node pin' tells"));
    }

    /// Whether the files that the request names are on this node already, as far as can be told without a lease.
    public boolean hasFiles(Request request) {
        TreeWish wish = request.tree();
        if (wish.name().isPresent()) {
            return Files.isDirectory(
                    layout.named(request.node().job(), wish.name().get()));
        }
        return !wish.writable()
                && image(request).digest().stream().allMatch(digest -> Files.isDirectory(layout.image(digest)));
    }

    private Prepared make(NodeStage node, StageTicket.Owner owner, Request request) {
        boolean done = false;
        try {
            TreeFiles files = withRoom(node, request, () -> files(node, owner, request));
            ImageConfig image = ManifestJson.config(files.configJson());
            MpiFit mpi = mpi(files.root(), image, request.mpi());
            PlanRun.Planned planned = planRun.plan(planRequest(request, owner.step(), files, image, mpi));
            node.publish(
                    owner,
                    planned.text(),
                    Explanation.json(planned, mpi.lines()),
                    mpi.launcher().orElse(""));
            done = true;
            return new Prepared(
                    owner.step(),
                    Optional.of(Explanation.text(planned, mpi.lines())),
                    mpi.warning().filter(warning -> request.mpi().first()));
        } finally {
            if (!done) {
                node.abandon(owner, request.node().job());
            }
            owner.close();
        }
    }

    private static MpiFit mpi(Path root, ImageConfig image, MpiStep step) {
        List<MpiLibrary> found = MpiLibrary.of(new InsideView(root, List.of()), Platform.machine(), image.env());
        return MpiFit.of(found, step, Slurm::offered);
    }

    private TreeFiles files(NodeStage node, StageTicket.Owner owner, Request request) {
        TreeWish wish = request.tree();
        LaunchPlan.Share step = new LaunchPlan.Share(owner.step().meeting(), STEP_VARIABLE);
        if (wish.name().isPresent()) {
            TreeName name = wish.name().get();
            NamedTree tree =
                    node.named(request.node().job(), name, root -> unpack(image(request), root, options.changeable()));
            boolean together = name.rule() != TreeName.Rule.NO_EXEC;
            return new TreeFiles(
                    tree.root(),
                    !wish.writable(),
                    tree.configJson(),
                    together ? new LaunchPlan.Share(tree.meeting(), NO_VARIABLE) : step,
                    StagedReadyTrees.none("use a tree that other steps use in other modes"));
        }
        Digest digest = pinned(image(request));
        if (wish.writable()) {
            StagedImage own = node.own(owner, digest, root -> unpack(image(request), root, options.changeable()));
            return new TreeFiles(
                    own.root(),
                    false,
                    own.configJson(),
                    step,
                    StagedReadyTrees.inPlace(own.root(), owner.step().scratch(), patchelf));
        }
        node.claim(owner, digest);
        StagedImage image = node.image(digest, root -> unpack(image(request), root, options));
        return new TreeFiles(
                image.root(),
                true,
                image.configJson(),
                step,
                StagedReadyTrees.beside(node, image, owner.step().scratch(), patchelf));
    }

    private static ImageReference image(Request request) {
        return request.tree()
                .image()
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "making container "
                                + request.tree().name().map(TreeName::name).orElse("")
                                + ": no image is named, and the job"
                                + " has no container of that name here",
                        "name the image too"));
    }

    private PlanRun.Request planRequest(
            Request request, StepFolder step, TreeFiles files, ImageConfig image, MpiFit mpi) {
        Occasion occasion = new Occasion.Step(
                request.node().workingDirectory(),
                MpiHandoff.mounts(),
                MpiHandoff.descriptorVariables(),
                MpiHandoff.variables(mpi.pmix()),
                Optional.of(files.meeting()));
        return new PlanRun.Request(
                request.node().gpus() ? request.choices().withDriverIfPresent() : request.choices(),
                image,
                new Tree(files.root(), files.readOnly()),
                files.readyTrees(),
                occasion,
                request.mode(),
                order,
                layout.base(),
                step.scratch());
    }

    /// A full disk is tried once more without what dead jobs left and trees that no job uses.
    private static <T> T withRoom(NodeStage node, Request request, Supplier<T> work) {
        try {
            return work.get();
        } catch (FaultException e) {
            if (e.fault() != Fault.NO_SPACE) {
                throw e;
            }
            JobKey own = request.node().job();
            SweepNode.forgetEnded(
                    node, node.jobs().stream().filter(key -> !key.equals(own)).toList());
            if (node.sweepImages() == 0) {
                throw e;
            }
            return work.get();
        }
    }

    private String unpack(ImageReference reference, Path root, UnpackOptions how) {
        StoredImage image = pullImage.pull(new PullImage.Request(reference, Platform.host()));
        unpacker.unpack(CreateContainer.layersOf(image), root, how, Progress.none());
        return image.configJson();
    }
}
