package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.SpecResolution;
import io.berth.container.Surroundings;
import io.berth.container.Tree;
import io.berth.device.HostDevices;
import io.berth.engine.AbleModes;
import io.berth.engine.Demands;
import io.berth.engine.Engine;
import io.berth.engine.Engines;
import io.berth.engine.ExecutionMode;
import io.berth.engine.FactsCache;
import io.berth.engine.ForeignMachine;
import io.berth.engine.HostFacts;
import io.berth.engine.ModeChoice;
import io.berth.engine.ModeDecision;
import io.berth.engine.ModeOrder;
import io.berth.engine.ModeRequest;
import io.berth.files.Evidence;
import io.berth.image.ImageConfig;
import io.berth.image.Platform;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.PlanText;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/// Decides how a container is started here, and starts nothing: `run`, `explain` and jobs all come through here.
public final class PlanRun {
    /// Loaded, unloaded or exchanged while the node runs.
    private static final Path NVIDIA_DRIVER = Path.of("/proc/driver/nvidia/version");

    private final FactsCache facts;
    private final Engines engines;
    private final LaunchPlan.Owner owner;
    private final Surroundings around;
    private final HostDevices devices;

    public PlanRun(
            FactsCache facts, Engines engines, LaunchPlan.Owner owner, Surroundings around, HostDevices devices) {
        this.devices = devices;
        this.facts = facts;
        this.engines = engines;
        this.owner = owner;
        this.around = around;
    }

    /// @param readyTrees for modes that cannot use the tree as it is
    /// @param order in which modes are considered when none is wanted
    /// @param place private folder on the file system of the tree, where trials are made and facts kept
    /// @param scratch private folder for files made for this start
    public record Request(
            RunChoices choices,
            ImageConfig image,
            Tree tree,
            ReadyTrees readyTrees,
            Occasion occasion,
            ModeRequest mode,
            ModeOrder order,
            Path place,
            Path scratch) {}

    /// @param program that the plan starts when its caller names none; empty when the caller must
    /// @param spec that the plan fulfils
    /// @param notices what the user should know, a line each
    /// @param devices what is shown of the hardware and why, a line each
    /// @param users which there are inside, and why; absent where the mode has no say in it
    /// @param able what this node brings to an agreement with others on one mode
    public record Planned(
            LaunchPlan plan,
            String program,
            ModeDecision decision,
            HostFacts facts,
            ContainerSpec spec,
            List<String> notices,
            List<String> devices,
            Optional<String> users,
            Supplier<AbleModes> able) {
        public Planned {
            devices = List.copyOf(devices);
            notices = List.copyOf(notices);
        }

        /// The same by another plan.
        Planned with(LaunchPlan other) {
            return new Planned(other, program, decision, facts, spec, notices, devices, users, able);
        }

        /// The plan's text, which also says of which engines it was made.
        public String text() {
            List<String> comments = new ArrayList<>();
            facts.engines().forEach((name, shown) -> comments.add("engine " + name + " " + shown));
            return PlanText.of(plan, comments);
        }
    }

    /// This node and boot.
    public LaunchPlan.Owner owner() {
        return owner;
    }

    public Planned plan(Request request) {
        HostDevices.Found hardware = devices.find(request.choices(), request.image(), request.tree());
        ContainerSpec wish = resolve(request.choices(), request, hardware);
        HostFacts measured = facts.facts(request.place(), owner);
        note(wish, request);
        if (!hardware.lines().isEmpty()) {
            around.evidence().doubt(); // it is found by more than files
        }
        Function<ExecutionMode, Optional<String>> objection = mode -> objection(mode, wish, request);
        ModeDecision decision = ModeChoice.choose(request.mode(), request.order(), measured, objection);
        Engine engine = engines.forMode(decision.mode());
        ContainerSpec spec = wish;
        if (decision.mode().needsReadyTree()) {
            spec = inReadyTree(decision.mode(), wish, request, hardware);
            note(spec.mounts());
        }
        LaunchPlan plan = stamped(engine.plan(spec, owner), hardware.files());
        List<String> notices = new ArrayList<>(spec.notices());
        notices.addAll(hardware.notices());
        notices.addAll(engine.notices(wish));
        return new Planned(
                request.occasion()
                        .modeVariable()
                        .map(name -> plan.withVariable(name, decision.mode().name()))
                        .orElse(plan),
                program(spec),
                decision,
                measured,
                spec,
                notices,
                hardware.lines(),
                engine.users(spec),
                () -> ModeChoice.able(request.order(), measured, objection));
    }

    /// A plan made before the driver was changed must not be used after.
    private static LaunchPlan stamped(LaunchPlan plan, List<Path> files) {
        LaunchPlan stamped = plan;
        for (Path file : files) {
            stamped = stamped.withStamp(Stamp.of(file));
        }
        return stamped;
    }

    private ContainerSpec resolve(RunChoices choices, Request request, HostDevices.Found hardware) {
        return SpecResolution.resolve(
                choices,
                request.image(),
                tree(request),
                around,
                request.occasion(),
                request.scratch(),
                hardware.injection());
    }

    /// Such a mode shows the caller, so he is the one whose home and name count.
    private ContainerSpec inReadyTree(
            ExecutionMode mode, ContainerSpec wish, Request request, HostDevices.Found hardware) {
        String caller = Long.toString(around.caller().uid());
        ContainerSpec shown = wish.asCaller() ? wish : resolve(request.choices().as(caller), request, hardware);
        return request.readyTrees().ready(mode, shown);
    }

    private Tree tree(Request request) {
        Platform platform = request.image().platform();
        Tree tree = request.tree();
        if (!ForeignMachine.isNative(platform)) {
            around.evidence().doubt(); // the tree's own programs decide
        }
        return tree.withMachine(ForeignMachine.of(platform, tree.root()));
    }

    private Optional<String> objection(ExecutionMode mode, ContainerSpec wish, Request request) {
        Engine engine = engines.forMode(mode);
        Optional<String> objection = engine.objection(wish);
        engine.note(wish, around.evidence()); // after it, since that may make trials
        return mode.needsReadyTree() ? objection.or(() -> request.readyTrees().objection(mode, wish)) : objection;
    }

    private void note(ContainerSpec spec, Request request) {
        Evidence evidence = around.evidence();
        if (!evidence.isWanted()) {
            return;
        }
        evidence.text(NVIDIA_DRIVER);
        evidence.kind(spec.tree().root());
        Demands.note(spec, evidence);
        note(spec.mounts());
        Path kept = facts.file(request.place(), owner);
        evidence.ownContent(kept);
        if (!Files.exists(kept)) {
            evidence.doubt(); // the host has to be looked at each time
        }
    }

    private void note(List<Mount> mounts) {
        for (Mount mount : mounts) {
            if (mount instanceof Mount.Bind bind) {
                around.evidence().kind(bind.source());
            }
        }
    }

    private static String program(ContainerSpec spec) {
        if (!spec.prefix().isEmpty()) {
            return spec.prefix().getFirst();
        }
        return spec.command().isEmpty() ? "" : spec.command().getFirst();
    }
}
