package io.berth.app;

import io.berth.container.Occasion;
import io.berth.container.RunChoices;
import io.berth.container.SubIdWish;
import io.berth.container.Tree;
import io.berth.engine.ModeOrder;
import io.berth.engine.ModeRequest;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.image.json.ManifestJson;
import io.berth.process.CachedPlan;
import io.berth.process.Handover;
import io.berth.process.LaunchPlan;
import io.berth.process.ProcessMark;
import io.berth.process.RunRecord;
import io.berth.process.RunRecords;
import io.berth.ready.ReadyContainer;
import io.berth.ready.VolumeLinks;
import io.berth.store.Container;
import io.berth.store.ContainerFiles;
import io.berth.store.Repository;
import io.berth.store.StoredMode;
import io.berth.store.UdockerTraces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Starts a container of the repository: plans, and hands the plan to the front, which becomes the program. Or joins
/// one that runs.
public final class StartContainer {
    private final Repository repository;
    private final Path place;
    private final PlanRun planRun;
    private final Handover handover;
    private final String usualMode;
    private final ModeOrder order;
    private final boolean usualSubIds;
    private final PlanCache cache;

    /// @param place private folder for what is kept between starts; in the repository where that can be written
    /// @param usualMode for containers in which none is stored, by udocker's name; empty for the order's first
    /// @param usualSubIds whether containers have subordinate ids where that can be
    /// @param cache for the plans of runs that are repeated
    public StartContainer(
            Repository repository,
            Path place,
            PlanRun planRun,
            Handover handover,
            String usualMode,
            ModeOrder order,
            boolean usualSubIds,
            PlanCache cache) {
        this.usualSubIds = usualSubIds;
        this.cache = cache;
        this.usualMode = usualMode;
        this.order = order;
        this.repository = repository;
        this.place = place;
        this.planRun = planRun;
        this.handover = handover;
    }

    /// @param newName for a container that is here already
    /// @param options of `berth run` that make the same container once more, for those who join it
    /// @param after words for berth when the program has ended
    public record Request(
            Container container,
            Optional<String> newName,
            RunChoices choices,
            ModeRequest mode,
            List<String> options,
            List<String> after) {
        public Request {
            options = List.copyOf(options);
            after = List.copyOf(after);
        }
    }

    /// A run of a container that has not ended.
    ///
    /// @param options as in the [Request] it was started by
    public record Running(String mode, List<String> options, Optional<ProcessMark> program) {}

    /// A tree that is no container of the repository.
    public Container bare(Path root) {
        return new Container("location", place, root, "{}", "");
    }

    public PlanRun.Planned plan(Request request) {
        Container container = request.container();
        note(container);
        RunChoices choices = choices(request);
        List<String> names = new ArrayList<>(repository.containers().namesOf(container));
        request.newName().ifPresent(names::add);
        return planRun.plan(new PlanRun.Request(
                choices,
                ManifestJson.config(container.configJson()),
                new Tree(container.root(), isShared(container.root()))
                        .withBeside(new VolumeLinks(container.folder()).beside()),
                new OwnReadyTree(container),
                new Occasion.Run(container.id(), names),
                ContainerMode.wanted(container, request.mode(), usualMode),
                order,
                place,
                Files.isWritable(container.folder()) ? container.folder().resolve(".berth") : place));
    }

    private RunChoices choices(Request request) {
        Container container = request.container();
        RunChoices choices = request.choices();
        if (StoredMode.hasNvidia(container)) {
            choices = choices.withDriverIfPresent();
        }
        if (isBare(container)) {
            refuseSubIds(choices, container);
            return choices;
        }
        // the files of earlier runs would be nobody's
        return usualSubIds || IdMark.of(container.folder()).isPresent() ? choices.withSubIdsIfPossible() : choices;
    }

    private boolean isBare(Container container) {
        return container.folder().equals(place);
    }

    private static void refuseSubIds(RunChoices choices, Container container) {
        if (choices.wishes().subIds() == SubIdWish.REQUIRED) {
            throw FaultException.of(
                    Fault.BAD_INPUT,
                    "running the tree " + container.root() + " with subordinate ids: files in it would be other users',"
                            + " and you could not remove them",
                    "make a container of it: berth import, berth create");
        }
    }

    public PlanRun.Planned start(Request request) {
        UdockerTraces.restoreFiles(request.container());
        VolumeLinks links = new VolumeLinks(request.container().folder(), cache.evidence());
        if (!hasLinks(request.container())) {
            return startAmong(records(request.container()).living(), request, links, false);
        }
        try (LockFile lock = links.lock()) {
            List<RunRecord> living = records(request.container()).living();
            if (living.isEmpty()) {
                links.clearVolumes();
            }
            return startAmong(living, request, links, true);
        }
    }

    /// Whether its tree gets links where other modes mount something.
    private static boolean hasLinks(Container container) {
        return StoredMode.of(container.folder())
                        .filter(ContainerMode::rewritesTree)
                        .isPresent()
                && Files.isWritable(container.folder());
    }

    /// @param living runs of the container
    /// @param ours whether the links are ours to place
    private PlanRun.Planned startAmong(List<RunRecord> living, Request request, VolumeLinks links, boolean ours) {
        PlanRun.Planned planned = plan(request);
        if (planned.decision().mode().needsReadyTree()) {
            if (ours) {
                boolean anyAccounts = request.choices().account().files() != RunChoices.AccountFiles.HOST;
                links.place(planned.spec().mounts(), !living.isEmpty(), anyAccounts);
            } else if (!links.isEmpty()) {
                cache.evidence().doubt(); // somebody else's
            }
            links.note();
        }
        RunRecords records = records(request.container());
        if (planned.plan().start() instanceof LaunchPlan.Namespace made) {
            made.subIds().ifPresent(ids -> IdMark.set(request.container().folder(), ids));
        }
        request.newName()
                .ifPresent(
                        name -> repository.containers().name(request.container().id(), name));
        LaunchPlan plan = records.begin(planned.plan().mode(), request.options())
                .map(planned.plan()::withRecord)
                .orElse(planned.plan());
        handover.give(request.after().isEmpty() ? plan : plan.withAfter(request.after()));
        return planned;
    }

    /// What the repository says of the container, and where its files are put.
    private void note(Container container) {
        Evidence evidence = cache.evidence();
        // all names; what a link beside it leads to
        evidence.content(repository.layout().containers());
        evidence.kind(container.folder());
        for (String file : List.of("container.json", "imagerepo.name", "execmode", "root.path", ".bind_orig_files")) {
            evidence.content(container.folder().resolve(file));
        }
        if (evidence.isWanted()
                && !Folders.list(container.folder().resolve(".bind_orig_files")).isEmpty()) {
            evidence.doubt(); // udocker may replace the files in the tree again
        }
        if (StoredMode.hasNvidia(container)) {
            evidence.doubt(); // its driver is looked for on each node
        }
        new ReadyContainer(container.folder()).note(evidence);
        evidence.kind(container.folder().resolve("nvidia"));
        evidence.ownContent(ContainerFiles.subIds(container.folder()));
        for (Path folder :
                List.of(repository.layout().root(), repository.layout().own(), place)) {
            evidence.kind(folder);
        }
    }

    /// Lets the front start this again without Java.
    ///
    /// @param planned what [#start] answered
    /// @param notice for the user, before each start
    /// @param banner the same, at a terminal
    public void keep(Request request, PlanRun.Planned planned, String notice, String banner) {
        if (request.newName().isPresent() || !request.after().isEmpty()) {
            cache.refuse();
        } else if (cache.isWanted()) {
            RunRecords records = records(request.container());
            cache.evidence().kind(records.folder());
            List<List<String>> seen = new ArrayList<>(cache.evidence().lines());
            if (hasLinks(request.container())) {
                Path lock = new VolumeLinks(request.container().folder()).lockFile();
                seen.addFirst(List.of("lock", lock.toAbsolutePath().toString()));
            }
            cache.keep(new CachedPlan(
                    seen, notice, banner, records.later(planned.plan().mode(), request.options()), planned.plan()));
        } else {
            cache.refuse();
        }
    }

    /// The run of a container on this node that others can join.
    ///
    /// Errors: NOT_FOUND when it does not run, or not here.
    public Running running(Container container) {
        RunRecords records = records(container);
        List<RunRecord> living = records.living();
        return living.stream()
                .filter(record -> records.isHere(record) && record.isComplete())
                .findFirst()
                .map(record -> new Running(record.mode(), record.options(), record.program()))
                .orElseThrow(() -> FaultException.of(
                        Fault.NOT_FOUND,
                        "joining container " + container.id() + ": "
                                + living.stream()
                                        .findFirst()
                                        .map(record -> "it runs on node " + record.node())
                                        .orElse("it does not run"),
                        living.isEmpty() ? "start it with: berth run" : "go to that node, and try again there"));
    }

    /// Runs a command in a container that runs.
    ///
    /// @param usual the same request without a user of its own
    public PlanRun.Planned join(Request request, Request usual, Running running) {
        PlanRun.Planned planned = plan(request);
        if (!(planned.plan().start() instanceof LaunchPlan.Namespace wanted)) {
            handover.give(planned.plan());
            return planned;
        }
        if (plan(usual).plan().start() instanceof LaunchPlan.Namespace made
                && made.uid() != wanted.uid()
                && wanted.subIds().isEmpty()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "joining as uid " + wanted.uid() + ": the container runs as uid " + made.uid() + ", and mode "
                            + running.mode() + " knows no other in it",
                    "leave --user out");
        }
        ProcessMark program = running.program().orElseThrow();
        handover.give(planned.plan().joining(program));
        return planned;
    }

    private RunRecords records(Container container) {
        return RunRecords.of(container.folder(), planRun.owner());
    }

    /// Another user's tree, or one on a file system that is read-only, is started without being written to.
    private static boolean isShared(Path root) {
        try {
            return !Files.isWritable(root)
                    && (!Files.getOwner(root).equals(Files.getOwner(Path.of("/proc/self")))
                            || Files.getFileStore(root).isReadOnly());
        } catch (IOException e) {
            throw FaultException.io("examining " + root, e);
        }
    }
}
