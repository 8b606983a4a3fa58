package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.SpecResolution;
import io.berth.container.Surroundings;
import io.berth.container.Tree;
import io.berth.device.HostDevices;
import io.berth.engine.Engine;
import io.berth.engine.Engines;
import io.berth.engine.FactsCache;
import io.berth.engine.HostFacts;
import io.berth.engine.ModeChoice;
import io.berth.engine.ModeDecision;
import io.berth.engine.ModeRequest;
import io.berth.image.ImageConfig;
import io.berth.process.LaunchPlan;
import io.berth.process.Stamp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Decides how a container is started here, and starts nothing: `run`, `explain` and jobs all come through here.
public final class PlanRun {
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
    /// @param devices what is shown of the hardware and why, a line each
    public record Planned(
            LaunchPlan plan,
            String program,
            ModeDecision decision,
            HostFacts facts,
            List<String> notices,
            List<String> devices) {
        public Planned {
            devices = List.copyOf(devices);
            notices = List.copyOf(notices);
        }
    }

    /// This node and boot.
    public LaunchPlan.Owner owner() {
        return owner;
    }

    public Planned plan(Request request) {
        HostDevices.Found hardware = devices.find(request.choices(), request.image(), request.tree());
        ContainerSpec spec = SpecResolution.resolve(
                request.choices(),
                request.image(),
                request.tree(),
                around,
                request.occasion(),
                request.scratch(),
                hardware.injection());
        HostFacts measured = facts.facts(request.place(), owner);
        ModeDecision decision = ModeChoice.choose(
                request.mode(), measured, mode -> engines.forMode(mode).objection(spec));
        Engine engine = engines.forMode(decision.mode());
        LaunchPlan plan = stamped(engine.plan(spec, owner), hardware.files());
        List<String> notices = new ArrayList<>(spec.notices());
        notices.addAll(hardware.notices());
        notices.addAll(engine.notices(spec));
        return new Planned(
                request.occasion()
                        .modeVariable()
                        .map(name -> plan.withVariable(name, decision.mode().name()))
                        .orElse(plan),
                program(spec),
                decision,
                measured,
                notices,
                hardware.lines());
    }

    /// A plan made before the driver was changed must not be used after.
    private static LaunchPlan stamped(LaunchPlan plan, List<Path> files) {
        LaunchPlan stamped = plan;
        for (Path file : files) {
            stamped = stamped.withStamp(Stamp.of(file));
        }
        return stamped;
    }

    private static String program(ContainerSpec spec) {
        if (!spec.prefix().isEmpty()) {
            return spec.prefix().getFirst();
        }
        return spec.command().isEmpty() ? "" : spec.command().getFirst();
    }
}
