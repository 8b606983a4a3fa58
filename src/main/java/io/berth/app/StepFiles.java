package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.TreeCopy;
import io.berth.files.TreePermissions;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.DiskFlush;
import io.berth.process.LaunchPlan;
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

/// The files of a step on a node, wherever they come from.
///
/// Sources are told apart by instanceof: a switch over types makes classes at run time, once per node and step.
public final class StepFiles {
    private static final String STEP_VARIABLE = "SLURM_STEP_ID";
    /// Never set: all steps share what is kept under it.
    private static final String NO_VARIABLE = "BERTH_ALL_STEPS";
    /// Names the list of those.
    private static final String NO_VALUE = "none";

    private final StageLayout layout;
    private final NodeRoom room;
    private final PullImage pullImage;
    private final LongWork longWork;
    private final LayerUnpacker unpacker;
    private final UnpackOptions options;
    private final Squashfs squashfs;
    private final DiskFlush diskFlush;
    private final Optional<Patchelf> patchelf;
    private final long uid;

    /// @param longWork hears of pullImage's work too
    /// @param patchelf for modes F3 and F4
    /// @param uid of the user, who alone may have trees changed where they lie
    public StepFiles(
            StageLayout layout,
            PullImage pullImage,
            LongWork longWork,
            LayerUnpacker unpacker,
            UnpackOptions options,
            Squashfs squashfs,
            DiskFlush diskFlush,
            Optional<Path> patchelf,
            long uid) {
        this.patchelf = patchelf.map(Patchelf::new);
        this.layout = layout;
        this.room = new NodeRoom(layout);
        this.pullImage = pullImage;
        this.longWork = longWork;
        this.unpacker = unpacker;
        this.options = options;
        this.squashfs = squashfs;
        this.diskFlush = diskFlush;
        this.uid = uid;
    }

    /// @param unshared ranks meet only with those that unshare the same
    record Wanted(JobKey job, TreeWish tree, List<String> unshared) {}

    /// @param meeting where ranks that share a namespace meet
    /// @param joined the value of the list of those that must run and are joined; empty for none
    /// @param readyTrees for modes that need a changed tree
    record Made(
            Path root,
            boolean readOnly,
            String configJson,
            LaunchPlan.Share meeting,
            String joined,
            ReadyTrees readyTrees) {
        Made(Path root, boolean readOnly, String configJson, LaunchPlan.Share meeting, ReadyTrees readyTrees) {
            this(root, readOnly, configJson, meeting, "", readyTrees);
        }
    }

    /// Whether the files that are wanted are on this node already, as far as can be told without a lease.
    boolean areThere(NodeStage node, Wanted wanted) {
        TreeWish wish = wanted.tree();
        if (wish.name().isPresent()) {
            return Files.isDirectory(layout.named(wanted.job(), wish.name().get()));
        }
        boolean shared = wish.access() == TreeWish.Access.READ_ONLY;
        if (wish.source() instanceof TreeWish.Source.Registry registry) {
            return shared && registry.image().digest().stream().allMatch(node::holds);
        }
        if (wish.source() instanceof TreeWish.Source.OnNode onNode && Files.exists(onNode.path())) {
            return Files.isDirectory(onNode.path())
                    ? wish.access() != TreeWish.Access.COPY
                    : shared && node.holds(new PathImage(onNode.path(), false).identity());
        }
        return true;
    }

    /// Errors: those of fetching, unpacking, copying; NOT_FOUND for what has to be there; NOT_ALLOWED for what
    /// must not be changed, or saved there.
    Made make(NodeStage node, StageTicket.Owner owner, Wanted wanted) {
        TreeWish wish = wanted.tree();
        LaunchPlan.Share step = new LaunchPlan.Share(owner.step().meeting(), STEP_VARIABLE);
        wish.save().ifPresent(target -> {
            SaveStep.requireTarget(target);
            squashfs.requirePacker();
        });
        if (wish.source() instanceof TreeWish.Source.Running running) {
            return running(node, running.job(), running.step());
        }
        if (wish.name().isPresent()) {
            return named(node, wanted, wish.name().get(), step);
        }
        if (wish.source() instanceof TreeWish.Source.OnNode onNode) {
            return onNode(node, owner, PathImage.of(onNode.path()), wish.access(), step);
        }
        if (wish.source() instanceof TreeWish.Source.Registry registry) {
            return ofRegistry(node, owner, registry.image(), wish.access(), step);
        }
        throw FaultException.badInput("preparing a node: no image is named", "name it as NAME@sha256:...");
    }

    private Made ofRegistry(
            NodeStage node,
            StageTicket.Owner owner,
            ImageReference reference,
            TreeWish.Access access,
            LaunchPlan.Share step) {
        Digest digest = pinned(reference);
        if (access != TreeWish.Access.READ_ONLY) {
            return own(node.own(owner, digest, root -> unpack(reference, root, options.changeable())), owner, step);
        }
        node.claim(owner, digest);
        return shared(node, node.image(digest, root -> unpack(reference, root, options)), owner, step);
    }

    /// Unpacks an image, for no step yet.
    ///
    /// @param image pinned by digest
    void prefetch(NodeStage node, ImageReference image) {
        node.image(pinned(image), root -> unpack(image, root, options));
    }

    private static Digest pinned(ImageReference image) {
        return image.digest()
                .orElseThrow(() -> FaultException.badInput(
                        "staging " + image + ": it is not pinned by a digest",
                        "name it as NAME@sha256:...; 'berth node pin' tells"));
    }

    private Made own(StagedImage own, StageTicket.Owner owner, LaunchPlan.Share step) {
        return new Made(
                own.root(),
                false,
                own.configJson(),
                step,
                StagedReadyTrees.inPlace(own.root(), owner.step().scratch(), patchelf));
    }

    private Made shared(NodeStage node, StagedImage image, StageTicket.Owner owner, LaunchPlan.Share step) {
        return new Made(
                image.root(),
                true,
                image.configJson(),
                step,
                StagedReadyTrees.beside(node, image, owner.step().scratch(), patchelf));
    }

    private Made onNode(
            NodeStage node, StageTicket.Owner owner, PathImage image, TreeWish.Access access, LaunchPlan.Share step) {
        if (image.isTree() && access != TreeWish.Access.COPY) {
            boolean writable = access == TreeWish.Access.WRITABLE;
            if (writable && UnixStat.of(image.path()).uid() != uid) {
                throw FaultException.of(
                        Fault.NOT_ALLOWED,
                        "changing the image " + image.path() + ": it belongs to another user",
                        "leave --container-writable out, or give a --container-name for a copy of your own");
            }
            return new Made(
                    image.path(),
                    !writable,
                    PathImage.configIn(image.path()),
                    step,
                    StagedReadyTrees.none("use a tree that lies outside of berth's folders"));
        }
        Digest identity = image.identity();
        if (access != TreeWish.Access.READ_ONLY) {
            return own(node.own(owner, identity, root -> copy(image, root)), owner, step);
        }
        node.claim(owner, identity);
        StagedImage staged = node.image(identity, root -> unpack(image.path(), root, true));
        return shared(node, staged, owner, step);
    }

    /// To be changed.
    private String copy(PathImage image, Path root) {
        return image.isTree() ? copyTree(image.path(), root) : unpack(image.path(), root, false);
    }

    private Made named(NodeStage node, Wanted wanted, TreeName name, LaunchPlan.Share step) {
        NamedTree tree = node.named(
                wanted.job(),
                name,
                String.join(".", wanted.unshared()),
                root -> makeNamed(wanted.tree().source(), name, root));
        boolean exec = name.rule() == TreeName.Rule.EXEC;
        if (exec && !RunningRanks.live(tree.meeting(), NO_VALUE)) {
            throw notRunning(name.name());
        }
        return new Made(
                tree.root(),
                wanted.tree().access() == TreeWish.Access.READ_ONLY,
                tree.configJson(),
                name.rule() == TreeName.Rule.NO_EXEC ? step : new LaunchPlan.Share(tree.meeting(), NO_VARIABLE),
                exec ? NO_VALUE : "",
                StagedReadyTrees.none("use a tree that other steps use in other modes"));
    }

    private String makeNamed(TreeWish.Source source, TreeName name, Path root) {
        if (name.rule() == TreeName.Rule.EXEC) {
            throw notRunning(name.name());
        }
        Optional<String> config = Optional.empty();
        if (source instanceof TreeWish.Source.Registry registry) {
            config = Optional.of(unpack(registry.image(), root, options.changeable()));
        } else if (source instanceof TreeWish.Source.OnNode onNode) {
            config = Optional.of(copy(PathImage.of(onNode.path()), root));
        }
        if (name.ofNode() && config.isPresent()) {
            diskFlush.flush(root); // it outlives the boot
        }
        return config.orElseThrow(() -> noSource(name));
    }

    private static FaultException noSource(TreeName name) {
        return FaultException.of(
                Fault.NOT_FOUND,
                "making container " + name.name() + ": no image is named, and "
                        + (name.ofNode()
                                ? "there is no container of that name here"
                                : "the job has no container of that name here"),
                "name the image too");
    }

    private static Made running(NodeStage node, String job, String number) {
        StepFolder step = node.steps(job).stream()
                .filter(candidate -> RunningRanks.live(candidate.meeting(), number))
                .findFirst()
                .orElseThrow(() -> notRunning(job + "." + number));
        List<String> lines = AtomicFile.read(step.tree()).lines().toList();
        return new Made(
                Path.of(lines.getFirst()),
                lines.getLast().equals("ro"),
                AtomicFile.read(step.config()),
                new LaunchPlan.Share(step.meeting(), STEP_VARIABLE),
                number,
                StagedReadyTrees.none("join the namespaces of a running container"));
    }

    private static FaultException notRunning(String name) {
        return FaultException.of(
                Fault.NOT_FOUND,
                "joining container " + name
                        + ": no step of yours runs in it on this node, in a mode that can be joined",
                "start the step that runs in it first, on this node");
    }

    private String unpack(ImageReference reference, Path root, UnpackOptions how) {
        return longWork.watch("fetching " + reference, () -> {
            StoredImage image = pullImage.pull(
                    new PullImage.Request(reference, Platform.host()),
                    bytes -> room.require(String.valueOf(reference), bytes));
            longWork.turnTo("unpacking " + reference);
            room.use(() -> unpacker.unpack(CreateContainer.layersOf(image), root, how, longWork));
            return image.configJson();
        });
    }

    private String unpack(Path file, Path root, boolean readOnly) {
        return longWork.watch("unpacking " + file, () -> {
            room.require(String.valueOf(file), UnixStat.of(file).sizeBytes());
            room.use(() -> squashfs.unpack(file, root, readOnly));
            return PathImage.configIn(root);
        });
    }

    private String copyTree(Path tree, Path root) {
        return longWork.watch("copying " + tree, () -> {
            TreeCopy.copy(tree, root, _ -> true, _ -> {});
            TreePermissions.open(root, uid);
            return PathImage.configIn(root);
        });
    }
}
