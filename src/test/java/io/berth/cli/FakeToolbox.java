package io.berth.cli;

import io.berth.app.CloneContainer;
import io.berth.app.CreateContainer;
import io.berth.app.ExportContainer;
import io.berth.app.ImportArchive;
import io.berth.app.InstallEngines;
import io.berth.app.LoadImages;
import io.berth.app.LogIn;
import io.berth.app.LogOut;
import io.berth.app.LongWork;
import io.berth.app.ObtainContainer;
import io.berth.app.PinImage;
import io.berth.app.PlanCache;
import io.berth.app.PrepareNode;
import io.berth.app.PruneRepository;
import io.berth.app.PullImage;
import io.berth.app.ReleaseNode;
import io.berth.app.RunJob;
import io.berth.app.SaveImages;
import io.berth.app.SaveStep;
import io.berth.app.SearchImages;
import io.berth.app.SetUpContainer;
import io.berth.app.ShowManifest;
import io.berth.app.StartContainer;
import io.berth.app.SweepNode;
import io.berth.app.VerifyRepository;
import io.berth.app.WriteJobScript;
import io.berth.batch.MpiStep;
import io.berth.batch.NodeContext;
import io.berth.config.ConfigPlaces;
import io.berth.config.Settings;
import io.berth.config.SettingsReader;
import io.berth.device.DriverCopy;
import io.berth.engine.HostFacts;
import io.berth.engine.Maker;
import io.berth.files.Evidence;
import io.berth.files.UnixStat;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackLimits;
import io.berth.layer.UnpackOptions;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A real repository, and no verb that needs a network or a node.
class FakeToolbox implements Toolbox {
    final Person person = new Person();
    private final Repository repository;
    private Map<String, String> options = Map.of();
    Map<String, String> environment = Map.of();

    FakeToolbox(Repository repository) {
        this.repository = repository;
    }

    @Override
    public String version() {
        return "9.8.7";
    }

    void given(Map<String, String> given) {
        options = given;
    }

    @Override
    public Settings settings() {
        Path nowhere = repository.layout().root().resolve("nowhere");
        return SettingsReader.read(new ConfigPlaces(nowhere, nowhere), environment, options);
    }

    @Override
    public Repository repository() {
        return repository;
    }

    @Override
    public Repository existingRepository() {
        return repository;
    }

    @Override
    public Repository makeRepository(String folder) {
        return Repository.make(RepositoryLayout.under(Path.of(folder)), Duration.ofSeconds(5));
    }

    @Override
    public CloneContainer cloneContainer(Progress progress) {
        return new CloneContainer(repository, owner(), Optional.empty(), progress);
    }

    @Override
    public SetUpContainer setUpContainer() {
        return new SetUpContainer(
                repository,
                owner(),
                Optional.empty(),
                new DriverCopy(repository.layout().root().resolve("no-driver"), List.of()));
    }

    private LaunchPlan.Owner owner() {
        return new LaunchPlan.Owner(UnixStat.of(repository.layout().root()).uid(), "boot", "node");
    }

    @Override
    public InstallEngines installEngines() {
        throw notHere();
    }

    @Override
    public VerifyRepository verifyRepository(Progress progress) {
        return new VerifyRepository(repository, progress);
    }

    @Override
    public String usualMode() {
        return "P1";
    }

    @Override
    public LongWork longWork(Consumer<String> say) {
        throw notHere();
    }

    @Override
    public PullImage pullImage(Progress progress) {
        throw notHere();
    }

    @Override
    public CreateContainer createContainer(Progress progress) {
        throw notHere();
    }

    @Override
    public ObtainContainer obtainContainer(Progress progress) {
        return new ObtainContainer(
                repository,
                _ -> {
                    throw notHere();
                },
                () -> createContainer(progress));
    }

    @Override
    public PruneRepository pruneRepository() {
        return new PruneRepository(repository, new LaunchPlan.Owner(1000, "boot", "node"));
    }

    @Override
    public boolean startAgainForMuchWork() {
        return false;
    }

    @Override
    public boolean startAgainForFilesIn(List<Path> folders) {
        return false;
    }

    @Override
    public ImportArchive importArchive(Progress progress) {
        return new ImportArchive(
                repository, new LayerUnpacker(), UnpackOptions.writable(), Clock.systemUTC(), progress);
    }

    @Override
    public ExportContainer exportContainer(Progress progress) {
        return new ExportContainer(repository, owner(), progress);
    }

    @Override
    public LoadImages loadImages(Progress progress) {
        return new LoadImages(repository, UnpackLimits.defaults(), progress);
    }

    @Override
    public SaveImages saveImages(Progress progress) {
        return new SaveImages(repository, progress);
    }

    @Override
    public PlanCache planCache() {
        return new PlanCache(Optional.empty(), Evidence.unwanted());
    }

    @Override
    public StartContainer startContainer(Optional<Maker> engine) {
        throw notHere();
    }

    @Override
    public WriteJobScript writeJobScript() {
        throw notHere();
    }

    @Override
    public RunJob runJob() {
        throw notHere();
    }

    @Override
    public MpiStep mpiStep(Optional<String> named, Optional<Integer> ranks) {
        return MpiStep.of(named, ranks, java.util.Map.of());
    }

    @Override
    public NodeContext nodeContext() {
        throw notHere();
    }

    @Override
    public PinImage pinImage() {
        throw notHere();
    }

    @Override
    public PrepareNode prepareNode(Optional<Maker> engine, Consumer<String> slow) {
        throw notHere();
    }

    @Override
    public SweepNode sweepNode() {
        throw notHere();
    }

    @Override
    public ReleaseNode releaseNode() {
        throw notHere();
    }

    @Override
    public SaveStep saveStep() {
        throw notHere();
    }

    @Override
    public HostFacts hostFacts() {
        throw notHere();
    }

    @Override
    public LogIn logIn() {
        throw notHere();
    }

    @Override
    public LogOut logOut() {
        throw notHere();
    }

    @Override
    public SearchImages searchImages() {
        throw notHere();
    }

    @Override
    public ShowManifest showManifest() {
        throw notHere();
    }

    @Override
    public Terminal terminal() {
        return person;
    }

    private static AssertionError notHere() {
        return new AssertionError("this command must not come so far");
    }
}
