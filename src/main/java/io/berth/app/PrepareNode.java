package io.berth.app;

import io.berth.batch.MpiCrowd;
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
import io.berth.files.AtomicFile;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.json.ManifestJson;
import io.berth.process.LaunchPlan;
import io.berth.stage.JobKey;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.stage.StageTicket;
import io.berth.stage.StepFolder;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Makes a node ready for one step of a job: the image's tree, the mode, the plan. However many processes ask at
/// once, one does the work.
public final class PrepareNode {
    private static final String PRIVATE = "rw-------";

    private final Supplier<NodeStage> stage;
    private final StageLayout layout;
    private final StepFiles files;
    private final PlanRun planRun;
    private final ModeOrder order;

    public PrepareNode(
            Supplier<NodeStage> stage, StageLayout layout, StepFiles files, PlanRun planRun, ModeOrder order) {
        this.stage = stage;
        this.layout = layout;
        this.files = files;
        this.planRun = planRun;
        this.order = order;
    }

    /// @param others whether other nodes prepare for the same step, and its ranks want to be alike
    /// @param instead of this step, which is not used after all
    public record Request(
            NodeContext node,
            MpiStep mpi,
            String step,
            TreeWish tree,
            RunChoices choices,
            ModeRequest mode,
            boolean others,
            Optional<String> instead) {
        boolean agrees(MpiFit mpi) {
            return others && mode.mode().isEmpty() && mpi.joinsRanks();
        }
    }

    /// @param step the folder with the plan
    /// @param explanation of the plan, by whoever made it
    /// @param warning that the user should see once
    public record Prepared(StepFolder step, Optional<String> explanation, Optional<String> warning) {
        /// What this node brings to an agreement on one mode, a line of text; empty when there is nothing to agree on.
        public Optional<String> able() {
            return Files.exists(step.modes()) ? Optional.of(AtomicFile.read(step.modes())) : Optional.empty();
        }
    }

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
        files.prefetch(stage.get(), image);
    }

    /// What explains where the files are, when that is worth a word.
    public Optional<String> place() {
        return new NodeRoom(layout).inMemory();
    }

    /// Whether the files that the request names are on this node already, as far as can be told without a lease.
    public boolean hasFiles(Request request) {
        try {
            return files.areThere(stage.get(), wanted(request));
        } catch (FaultException e) {
            return true; // it is for who prepares to say
        }
    }

    private static StepFiles.Wanted wanted(Request request) {
        return new StepFiles.Wanted(
                request.node().job(), request.tree(), request.choices().wishes().unshared());
    }

    private Prepared make(NodeStage node, StageTicket.Owner owner, Request request) {
        boolean done = false;
        try {
            request.instead().ifPresent(other -> node.drop(owner, other));
            StepFiles.Made made = withRoom(node, request, () -> files.make(node, owner, wanted(request)));
            ImageConfig image = ManifestJson.config(made.configJson());
            List<MpiLibrary> libraries =
                    MpiLibrary.of(new InsideView(made.root(), List.of()), Platform.machine(), image.env());
            MpiFit mpi = MpiFit.of(libraries, request.mpi(), Slurm::offered);
            PlanRun.Planned planned = joined(made, planRun.plan(planRequest(request, owner.step(), made, image, mpi)));
            remember(owner.step(), made, request.tree());
            mpi.misfit().ifPresent(text -> AtomicFile.write(owner.step().misfit(), text + "\n", PRIVATE));
            Optional<MpiCrowd> crowd = MpiCrowd.of(
                    libraries, request.mpi(), planned.decision().mode().name(), MpiCrowd::processorsHere);
            crowd.ifPresent(found -> AtomicFile.write(owner.step().crowd(), found.text() + "\n", PRIVATE));
            List<String> lines = lines(mpi, crowd);
            if (request.agrees(mpi)) {
                AtomicFile.write(owner.step().modes(), planned.able().get().line() + "\n", PRIVATE);
            }
            node.publish(
                    owner,
                    planned.text(),
                    Explanation.json(planned, lines),
                    mpi.launcher().orElse(""));
            done = true;
            return new Prepared(
                    owner.step(),
                    Optional.of(Explanation.text(planned, lines)),
                    mpi.warning()
                            .or(() -> crowd.flatMap(found -> found.warning(request.mpi())))
                            .filter(warning -> request.mpi().first()));
        } finally {
            if (!done) {
                node.abandon(owner, request.node().job());
            }
            owner.close();
        }
    }

    private static List<String> lines(MpiFit mpi, Optional<MpiCrowd> crowd) {
        return Stream.concat(mpi.lines().stream(), crowd.map(MpiCrowd::line).stream())
                .toList();
    }

    /// For those who join the step, and for who saves it.
    private static void remember(StepFolder step, StepFiles.Made files, TreeWish wish) {
        AtomicFile.write(step.config(), files.configJson(), PRIVATE);
        AtomicFile.write(step.tree(), files.root() + "\n" + (files.readOnly() ? "ro" : "rw") + "\n", PRIVATE);
        wish.save().ifPresent(target -> AtomicFile.write(step.saved(), target + "\n" + files.root() + "\n", PRIVATE));
    }

    private static PlanRun.Planned joined(StepFiles.Made files, PlanRun.Planned planned) {
        if (files.joined().isEmpty()) {
            return planned;
        }
        if (!(planned.plan().start() instanceof LaunchPlan.Namespace)) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "joining a running container: mode " + planned.plan().mode() + " makes no namespaces to join",
                    "use ':no_exec', which shares the files alone");
        }
        return planned.with(planned.plan().joining(files.meeting().folder(), files.joined()));
    }

    private PlanRun.Request planRequest(
            Request request, StepFolder step, StepFiles.Made files, ImageConfig image, MpiFit mpi) {
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
}
