package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.SpecResolution;
import io.berth.container.Surroundings;
import io.berth.container.Tree;
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
import io.berth.image.ImageConfig;
import io.berth.process.LaunchPlan;
import io.berth.process.PlanText;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Decides how a container is started here, and starts nothing: `run`, `explain` and jobs all come through here.
public final class PlanRun {
    private final FactsCache facts;
    private final Engines engines;
    private final LaunchPlan.Owner owner;
    private final Surroundings around;

    public PlanRun(FactsCache facts, Engines engines, LaunchPlan.Owner owner, Surroundings around) {
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
    public record Planned(
            LaunchPlan plan,
            String program,
            ModeDecision decision,
            HostFacts facts,
            ContainerSpec spec,
            List<String> notices) {
        public Planned {
            notices = List.copyOf(notices);
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
        ContainerSpec wish = resolve(request.choices(), request);
        HostFacts measured = facts.facts(request.place(), owner);
        ModeDecision decision =
                ModeChoice.choose(request.mode(), request.order(), measured, mode -> objection(mode, wish, request));
        Engine engine = engines.forMode(decision.mode());
        ContainerSpec spec = decision.mode().needsReadyTree() ? inReadyTree(decision.mode(), wish, request) : wish;
        LaunchPlan plan = engine.plan(spec, owner);
        List<String> notices = new ArrayList<>(spec.notices());
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
                notices);
    }

    private ContainerSpec resolve(RunChoices choices, Request request) {
        Tree tree = request.tree();
        String machine = ForeignMachine.of(request.image().platform(), tree.root());
        return SpecResolution.resolve(
                choices, request.image(), tree.withMachine(machine), around, request.occasion(), request.scratch());
    }

    /// Such a mode shows the caller, so he is the one whose home and name count.
    private ContainerSpec inReadyTree(ExecutionMode mode, ContainerSpec wish, Request request) {
        String caller = Long.toString(around.caller().uid());
        ContainerSpec shown = wish.asCaller() ? wish : resolve(request.choices().as(caller), request);
        return request.readyTrees().ready(mode, shown);
    }

    private Optional<String> objection(ExecutionMode mode, ContainerSpec wish, Request request) {
        Optional<String> objection = engines.forMode(mode).objection(wish);
        return mode.needsReadyTree() ? objection.or(() -> request.readyTrees().objection(mode, wish)) : objection;
    }

    private static String program(ContainerSpec spec) {
        if (!spec.prefix().isEmpty()) {
            return spec.prefix().getFirst();
        }
        return spec.command().isEmpty() ? "" : spec.command().getFirst();
    }
}
