package io.berth.app;

import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.Tree;
import io.berth.engine.ModeRequest;
import io.berth.image.json.ManifestJson;
import io.berth.process.Handover;
import io.berth.process.LaunchPlan;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.UdockerTraces;
import java.util.List;

/// Starts a container of the repository: plans, and hands the plan to the front, which becomes the program.
public final class StartContainer {
    private final Repository repository;
    private final PlanRun planRun;
    private final Handover handover;
    private final String usualMode;

    public StartContainer(Repository repository, PlanRun planRun, Handover handover) {
        this(repository, planRun, handover, "");
    }

    /// @param usualMode for containers in which none is stored, by udocker's name; empty to choose the best
    public StartContainer(Repository repository, PlanRun planRun, Handover handover, String usualMode) {
        this.usualMode = usualMode;
        this.repository = repository;
        this.planRun = planRun;
        this.handover = handover;
    }

    /// @param after words for berth when the program has ended
    public record Request(Container container, RunChoices choices, ModeRequest mode, List<String> after) {
        public Request {
            after = List.copyOf(after);
        }
    }

    public PlanRun.Planned plan(Request request) {
        Container container = request.container();
        return planRun.plan(new PlanRun.Request(
                request.choices(),
                ManifestJson.config(container.configJson()),
                new Tree(container.root(), false),
                new Occasion.Run(container.id(), repository.containers().namesOf(container)),
                ContainerMode.wanted(container, request.mode(), usualMode),
                repository.layout().own(),
                container.folder().resolve(".berth")));
    }

    public void start(Request request) {
        UdockerTraces.restoreFiles(request.container());
        LaunchPlan plan = plan(request).plan();
        handover.give(request.after().isEmpty() ? plan : plan.withAfter(request.after()));
    }
}
