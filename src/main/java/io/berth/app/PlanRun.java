package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.container.HostUser;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.SpecResolution;
import io.berth.container.Tree;
import io.berth.engine.Engines;
import io.berth.engine.FactsCache;
import io.berth.engine.HostFacts;
import io.berth.engine.ModeChoice;
import io.berth.engine.ModeDecision;
import io.berth.engine.ModeRequest;
import io.berth.image.ImageConfig;
import io.berth.process.LaunchPlan;
import java.nio.file.Path;

/// Decides how a container is started here, and starts nothing: `run`, `explain` and jobs all come through here.
public final class PlanRun {
    private final FactsCache facts;
    private final Engines engines;
    private final LaunchPlan.Owner owner;
    private final HostUser caller;

    public PlanRun(FactsCache facts, Engines engines, LaunchPlan.Owner owner, HostUser caller) {
        this.facts = facts;
        this.engines = engines;
        this.owner = owner;
        this.caller = caller;
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

    public record Planned(LaunchPlan plan, ModeDecision decision, HostFacts facts) {}

    public Planned plan(Request request) {
        ContainerSpec spec = SpecResolution.resolve(
                request.choices(), request.image(), request.tree(), caller, request.occasion(), request.scratch());
        HostFacts measured = facts.facts(request.place(), owner);
        ModeDecision decision = ModeChoice.choose(request.mode(), measured);
        return new Planned(engines.forMode(decision.mode()).plan(spec, owner), decision, measured);
    }
}
