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
import io.berth.engine.HostFacts;
import io.berth.engine.ModeChoice;
import io.berth.engine.ModeDecision;
import io.berth.engine.ModeRequest;
import io.berth.files.Evidence;
import io.berth.image.ImageConfig;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Decides how a container is started here, and starts nothing: `run`, `explain` and jobs all come through here.
public final class PlanRun {
    /// Loaded, unloaded or exchanged while the node runs.
    private static final Path NVIDIA_DRIVER = Path.of("/proc/driver/nvidia/version");

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

    /// @param place private folder on the file system of the tree, where trials are made and facts kept
    /// @param scratch private folder for files made for this start
    public record Request(
            RunChoices choices,
            ImageConfig image,
            Tree tree,
            Occasion occasion,
            ModeRequest mode,
            Path place,
            Path scratch) {}

    /// @param program that the plan starts when its caller names none; empty when the caller must
    /// @param notices what the user should know, a line each
    public record Planned(
            LaunchPlan plan, String program, ModeDecision decision, HostFacts facts, List<String> notices) {
        public Planned {
            notices = List.copyOf(notices);
        }
    }

    /// This node and boot.
    public LaunchPlan.Owner owner() {
        return owner;
    }

    public Planned plan(Request request) {
        ContainerSpec spec = SpecResolution.resolve(
                request.choices(), request.image(), request.tree(), around, request.occasion(), request.scratch());
        HostFacts measured = facts.facts(request.place(), owner);
        note(spec, request);
        ModeDecision decision = ModeChoice.choose(
                request.mode(), measured, mode -> noted(mode, spec).objection(spec));
        Engine engine = noted(decision.mode(), spec);
        LaunchPlan plan = engine.plan(spec, owner);
        List<String> notices = new ArrayList<>(spec.notices());
        notices.addAll(engine.notices(spec));
        return new Planned(
                request.occasion()
                        .modeVariable()
                        .map(name -> plan.withVariable(name, decision.mode().name()))
                        .orElse(plan),
                program(spec),
                decision,
                measured,
                notices);
    }

    private Engine noted(ExecutionMode mode, ContainerSpec spec) {
        Engine engine = engines.forMode(mode);
        engine.note(spec, around.evidence());
        return engine;
    }

    private void note(ContainerSpec spec, Request request) {
        Evidence evidence = around.evidence();
        if (!evidence.isWanted()) {
            return;
        }
        evidence.text(NVIDIA_DRIVER);
        evidence.kind(spec.tree().root());
        for (Mount mount : spec.mounts()) {
            if (mount instanceof Mount.Bind bind) {
                evidence.kind(bind.source());
            }
        }
        Path kept = facts.file(request.place(), owner);
        evidence.ownContent(kept);
        if (!Files.exists(kept)) {
            evidence.doubt(); // the host has to be looked at each time
        }
    }

    private static String program(ContainerSpec spec) {
        if (!spec.prefix().isEmpty()) {
            return spec.prefix().getFirst();
        }
        return spec.command().isEmpty() ? "" : spec.command().getFirst();
    }
}
