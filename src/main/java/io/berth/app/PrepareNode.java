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
import io.berth.files.AtomicFile;
import io.berth.files.TreeCopy;
import io.berth.files.TreePermissions;
import io.berth.files.UnixStat;
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
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Makes a node ready for one step of a job: the image's tree, the mode, the plan. However many processes ask at
/// once,
/// one does the work.
public final class PrepareNode {
    private static final String STEP_VARIABLE = "SLURM_STEP_ID";
    /// Never set: all steps of the job share what is kept under it.
    private static final String NO_VARIABLE = "BERTH_ALL_STEPS";
    /// Names the list of those.
    private static final String NO_VALUE = "none";

    private static final String PRIVATE = "rw-------";

    private final Supplier<NodeStage> stage;
    private final StageLayout layout;
    private final PullImage pullImage;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final PlanRun planRun;
    private final Squashfs squashfs;

    public PrepareNode(
            Supplier<NodeStage> stage,
            StageLayout layout,
            PullImage pullImage,
            LayerUnpacker unpacker,
            UnpackOptions options,
            PlanRun planRun,
            Squashfs squashfs) {
        this.stage = stage;
        this.layout = layout;
        this.pullImage = pullImage;
        this.unpacker = unpacker;
        this.options = options;
        this.planRun = planRun;
        this.squashfs = squashfs;
    }

    public record Request(NodeContext node, String step, TreeWish tree, RunChoices choices, ModeRequest mode) {}

    /// Where the files of a step come from.
    public sealed interface Source {
        /// Pinned by digest.
        record Registry(ImageReference image) implements Source {}

        /// A path of the node.
        record OnNode(Path path) implements Source {}

        /// None: of a container that is there.
        record There() implements Source {}

        /// Of a running step of the user's, which is joined: `JOB.STEP`.
        record Running(String job, String step) implements Source {}
    }

    /// What a step may do with its files.
    public enum Access {
        READ_ONLY,
        /// Change them: those of an image in a copy of its own, a tree of the node where it is.
        WRITABLE,
        /// Change a copy of its own, whatever they come from.
        COPY
    }

    /// Which files a step wants.
    ///
    /// @param name of a tree that outlives the step
    /// @param save the file that the tree is to be saved as
    public record TreeWish(Source source, Access access, Optional<TreeName> name, Optional<Path> save) {}

    /// @param meeting where ranks that share a namespace meet
    /// @param joined the value of the list of those that must run and are joined; empty for none
    private record TreeFiles(Path root, boolean readOnly, String configJson, LaunchPlan.Share meeting, String joined) {
        TreeFiles(Path root, boolean readOnly, String configJson, LaunchPlan.Share meeting) {
            this(root, readOnly, configJson, meeting, "");
        }
    }

    /// @param step the folder with the plan
    /// @param explanation of the plan, by whoever made it
    public record Prepared(StepFolder step, Optional<String> explanation) {}

    /// Whatever it takes, unless that has been done.
    public Prepared prepare(Request request) {
        try {
            NodeStage node = stage.get();
            StageTicket ticket = node.enter(request.node().job(), request.step());
            return ticket instanceof StageTicket.Owner owner
                    ? make(node, owner, request)
                    : new Prepared(((StageTicket.Ready) ticket).step(), Optional.empty());
        } catch (FaultException e) {
            throw e.during("preparing node " + request.node().node());
        }
    }

    /// Whether the files that the request names are on this node already, as far as can be told without a lease.
    public boolean hasFiles(Request request) {
        TreeWish wish = request.tree();
        if (wish.name().isPresent()) {
            return Files.isDirectory(
                    layout.named(request.node().job(), wish.name().get()));
        }
        return switch (wish.source()) {
            case Source.Registry(ImageReference image) ->
                wish.access() == Access.READ_ONLY
                        && image.digest().stream().allMatch(digest -> Files.isDirectory(layout.image(digest)));
            case Source.OnNode(Path path) when Files.isDirectory(path) -> wish.access() != Access.COPY;
            case Source.OnNode(Path path)
            when Files.exists(path) ->
                wish.access() == Access.READ_ONLY
                        && Files.isDirectory(layout.image(new PathImage(path, false).identity()));
            case Source.OnNode _, Source.There _, Source.Running _ -> true;
        };
    }

    private Prepared make(NodeStage node, StageTicket.Owner owner, Request request) {
        boolean done = false;
        try {
            request.tree().save().ifPresent(target -> {
                SaveStep.requireTarget(target);
                squashfs.requirePacker();
            });
            TreeFiles files = withRoom(node, request, () -> files(node, owner, request));
            PlanRun.Planned planned = joined(files, planRun.plan(planRequest(request, owner.step(), files)));
            remember(owner.step(), files, request.tree());
            node.publish(owner, PlanText.of(planned.plan()), Explanation.json(planned));
            done = true;
            return new Prepared(owner.step(), Optional.of(Explanation.text(planned)));
        } finally {
            if (!done) {
                node.abandon(owner, request.node().job());
            }
            owner.close();
        }
    }

    /// For those who join the step, and for who saves it.
    private static void remember(StepFolder step, TreeFiles files, TreeWish wish) {
        AtomicFile.write(step.config(), files.configJson(), PRIVATE);
        AtomicFile.write(step.tree(), files.root() + "\n" + (files.readOnly() ? "ro" : "rw") + "\n", PRIVATE);
        wish.save().ifPresent(target -> AtomicFile.write(step.saved(), target + "\n" + files.root() + "\n", PRIVATE));
    }

    private static PlanRun.Planned joined(TreeFiles files, PlanRun.Planned planned) {
        if (files.joined().isEmpty()) {
            return planned;
        }
        if (!(planned.plan().start() instanceof LaunchPlan.Namespace)) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "joining a running container: mode " + planned.plan().mode() + " makes no namespaces to join",
                    "use ':no_exec', which shares the files alone");
        }
        return new PlanRun.Planned(
                planned.plan().joining(files.meeting().folder(), files.joined()),
                planned.program(),
                planned.decision(),
                planned.facts(),
                planned.notices());
    }

    private TreeFiles files(NodeStage node, StageTicket.Owner owner, Request request) {
        TreeWish wish = request.tree();
        LaunchPlan.Share step = new LaunchPlan.Share(owner.step().meeting(), STEP_VARIABLE);
        if (wish.source() instanceof Source.Running(String job, String number)) {
            return running(node, job, number);
        }
        if (wish.name().isPresent()) {
            return named(node, request, wish.name().get(), step);
        }
        return switch (wish.source()) {
            case Source.OnNode(Path path) -> onNode(node, owner, PathImage.of(path), wish.access(), step);
            case Source.Registry(ImageReference image) -> ofRegistry(node, owner, image, wish.access(), step);
            case Source.There _, Source.Running _ ->
                throw FaultException.badInput("preparing a node: no image is named", "name it as NAME@sha256:...");
        };
    }

    private TreeFiles ofRegistry(
            NodeStage node, StageTicket.Owner owner, ImageReference reference, Access access, LaunchPlan.Share step) {
        Digest digest = reference
                .digest()
                .orElseThrow(() -> FaultException.badInput(
                        "staging " + reference + ": it is not pinned by a digest",
                        "name it as NAME@sha256:...; 'berth job script' does so"));
        if (access != Access.READ_ONLY) {
            StagedImage own = node.own(owner, digest, root -> unpack(reference, root, options.changeable()));
            return new TreeFiles(own.root(), false, own.configJson(), step);
        }
        node.claim(owner, digest);
        StagedImage image = node.image(digest, root -> unpack(reference, root, options));
        return new TreeFiles(image.root(), true, image.configJson(), step);
    }

    private TreeFiles onNode(
            NodeStage node, StageTicket.Owner owner, PathImage image, Access access, LaunchPlan.Share step) {
        if (image.isTree() && access != Access.COPY) {
            boolean writable = access == Access.WRITABLE;
            if (writable && UnixStat.of(image.path()).uid() != planRun.owner().uid()) {
                throw FaultException.of(
                        Fault.NOT_ALLOWED,
                        "changing the image " + image.path() + ": it belongs to another user",
                        "leave --container-writable out, or give a --container-name for a copy of your own");
            }
            return new TreeFiles(image.path(), !writable, PathImage.configIn(image.path()), step);
        }
        Digest identity = image.identity();
        if (access != Access.READ_ONLY) {
            StagedImage own = node.own(owner, identity, root -> copy(image, root));
            return new TreeFiles(own.root(), false, own.configJson(), step);
        }
        node.claim(owner, identity);
        StagedImage staged = node.image(identity, root -> {
            squashfs.unpack(image.path(), root, true);
            return PathImage.configIn(root);
        });
        return new TreeFiles(staged.root(), true, staged.configJson(), step);
    }

    /// To be changed.
    private String copy(PathImage image, Path root) {
        if (image.isTree()) {
            TreeCopy.copy(image.path(), root, _ -> true, _ -> {});
            TreePermissions.open(root, planRun.owner().uid());
        } else {
            squashfs.unpack(image.path(), root, false);
        }
        return PathImage.configIn(root);
    }

    private TreeFiles named(NodeStage node, Request request, TreeName name, LaunchPlan.Share step) {
        NamedTree tree = node.named(
                request.node().job(),
                name,
                String.join(".", request.choices().wishes().unshared()),
                root -> makeNamed(request.tree().source(), name, root));
        boolean exec = name.rule() == TreeName.Rule.EXEC;
        if (exec && !RunningRanks.live(tree.meeting(), NO_VALUE)) {
            throw notRunning(name.name());
        }
        return new TreeFiles(
                tree.root(),
                request.tree().access() == Access.READ_ONLY,
                tree.configJson(),
                name.rule() == TreeName.Rule.NO_EXEC ? step : new LaunchPlan.Share(tree.meeting(), NO_VARIABLE),
                exec ? NO_VALUE : "");
    }

    private String makeNamed(Source source, TreeName name, Path root) {
        if (name.rule() == TreeName.Rule.EXEC) {
            throw notRunning(name.name());
        }
        return switch (source) {
            case Source.Registry(ImageReference image) -> unpack(image, root, options.changeable());
            case Source.OnNode(Path path) -> copy(PathImage.of(path), root);
            case Source.There _, Source.Running _ ->
                throw FaultException.of(
                        Fault.NOT_FOUND,
                        "making container " + name.name() + ": no image is named, and "
                                + (name.ofNode()
                                        ? "there is no container of that name here"
                                        : "the job has no container of that name here"),
                        "name the image too");
        };
    }

    private static TreeFiles running(NodeStage node, String job, String number) {
        StepFolder step = node.steps(job).stream()
                .filter(candidate -> RunningRanks.live(candidate.meeting(), number))
                .findFirst()
                .orElseThrow(() -> notRunning(job + "." + number));
        List<String> lines = AtomicFile.read(step.tree()).lines().toList();
        return new TreeFiles(
                Path.of(lines.getFirst()),
                lines.getLast().equals("ro"),
                AtomicFile.read(step.config()),
                new LaunchPlan.Share(step.meeting(), STEP_VARIABLE),
                number);
    }

    private static FaultException notRunning(String name) {
        return FaultException.of(
                Fault.NOT_FOUND,
                "joining container " + name
                        + ": no step of yours runs in it on this node, in a mode that can be joined",
                "start the step that runs in it first, on this node");
    }

    private PlanRun.Request planRequest(Request request, StepFolder step, TreeFiles files) {
        Occasion occasion = new Occasion.Step(
                request.node().workingDirectory(),
                MpiHandoff.mounts(),
                MpiHandoff.descriptorVariables(),
                MpiHandoff.variables(),
                Optional.of(files.meeting()));
        return new PlanRun.Request(
                request.choices(),
                ManifestJson.config(files.configJson()),
                new Tree(files.root(), files.readOnly()),
                occasion,
                request.mode(),
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
            forgetDeadJobs(node, request.node().job());
            if (node.sweepImages() == 0) {
                throw e;
            }
            return work.get();
        }
    }

    private static void forgetDeadJobs(NodeStage node, JobKey own) {
        List<JobKey> others =
                node.jobs().stream().filter(key -> !key.equals(own)).toList();
        Set<String> alive = Slurm.alive(others.stream().map(JobKey::job).collect(Collectors.toSet()));
        others.stream().filter(key -> !alive.contains(key.job())).forEach(node::release);
    }

    private String unpack(ImageReference reference, Path root, UnpackOptions how) {
        StoredImage image = pullImage.pull(new PullImage.Request(reference, Platform.host()));
        unpacker.unpack(CreateContainer.layersOf(image), root, how, Progress.none());
        return image.configJson();
    }
}
