package io.berth.boot;

import io.berth.app.CheckJob;
import io.berth.app.CloneContainer;
import io.berth.app.CreateContainer;
import io.berth.app.ExportContainer;
import io.berth.app.IdMark;
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
import io.berth.app.Squashfs;
import io.berth.app.StartContainer;
import io.berth.app.StepFiles;
import io.berth.app.SweepNode;
import io.berth.app.VerifyRepository;
import io.berth.app.WriteJobScript;
import io.berth.batch.JobEnvironment;
import io.berth.batch.LocalJob;
import io.berth.batch.MpiStep;
import io.berth.batch.NodeContext;
import io.berth.cli.Terminal;
import io.berth.cli.Toolbox;
import io.berth.config.ConfigPlaces;
import io.berth.config.Key;
import io.berth.config.Setting;
import io.berth.config.Settings;
import io.berth.config.SettingsReader;
import io.berth.engine.ExecutionMode;
import io.berth.engine.FactsCache;
import io.berth.engine.Fakechroot;
import io.berth.engine.HostFacts;
import io.berth.engine.Maker;
import io.berth.engine.ModeOrder;
import io.berth.engine.Proot;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackLimits;
import io.berth.layer.UnpackOptions;
import io.berth.process.DiskFlush;
import io.berth.process.Handover;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistrySearch;
import io.berth.registry.auth.Credentials;
import io.berth.registry.auth.DockerLogins;
import io.berth.registry.auth.Keystore;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.SequencedMap;
import java.util.function.Consumer;

/// Makes the verbs and what they are made of. Everything is made when asked for.
final class Wiring implements Toolbox {
    /// Who waits for longer wants to know for what.
    private static final Duration SLOW = Duration.ofSeconds(10);

    private final FrontVariables front;
    private final Map<String, String> environment;
    /// Whether the repository was named on the command line: it must exist then.
    private final boolean named;
    private final Settings settings;
    private final Evidence evidence;
    private final HostWiring host;

    Wiring(FrontVariables front, Map<String, String> environment, Map<String, String> options) {
        this.front = front;
        this.environment = environment;
        this.named = options.containsKey("repository");
        this.evidence = front.plan().isPresent() ? Evidence.begin() : Evidence.unwanted();
        this.settings = SettingsReader.read(ConfigPlaces.of(front.home()), environment, options, evidence);
        this.host = new HostWiring(front, environment, settings, evidence);
    }

    @Override
    public Settings settings() {
        return settings;
    }

    @Override
    public String version() {
        try (InputStream stream = Wiring.class.getResourceAsStream("build.properties")) {
            Properties build = new Properties();
            if (stream != null) {
                build.load(stream);
            }
            return build.getProperty("version", "unknown");
        } catch (IOException e) {
            throw new IllegalStateException("the jar cannot be read", e);
        }
    }

    @Override
    public Repository repository() {
        return named
                ? existingRepository()
                : flushed(
                        Repository.open(settings.repository(), settings.stage().patience()));
    }

    @Override
    public Repository existingRepository() {
        Repository repository =
                Repository.existing(settings.repository(), settings.stage().patience());
        if (named) {
            repository.requireComplete();
        }
        return flushed(repository);
    }

    private Repository flushed(Repository repository) {
        return settings.flag(Key.FLUSH_CONTAINERS) ? repository.flushedBy(diskFlush()::flush) : repository;
    }

    private DiskFlush diskFlush() {
        return new DiskFlush(front.home().resolve("libexec/berth-exec"));
    }

    @Override
    public Repository makeRepository(String folder) {
        RepositoryLayout parts = settings.repository();
        Path root = Path.of(folder).toAbsolutePath().normalize();
        return Repository.make(parts.movedTo(root), settings.stage().patience());
    }

    @Override
    public CloneContainer cloneContainer(Progress progress) {
        return new CloneContainer(
                existingRepository(), host.owner(), host.fakechroot().map(Fakechroot::patchelf), progress);
    }

    @Override
    public SetUpContainer setUpContainer() {
        return new SetUpContainer(
                existingRepository(), host.owner(), host.fakechroot().map(Fakechroot::patchelf), host.driverCopy());
    }

    @Override
    public InstallEngines installEngines() {
        SequencedMap<String, Optional<Path>> programs = new LinkedHashMap<>();
        EngineSearch search = host.engines();
        programs.put("proot", search.prootElsewhere().map(Proot::program));
        programs.put("proot-loader", search.prootElsewhere().flatMap(Proot::loader));
        for (String name : List.of("patchelf", "crun", "runc")) {
            programs.put(name, search.elsewhere(name));
        }
        programs.put("berth-exec", Optional.of(front.home().resolve("libexec/berth-exec")));
        List<Path> libraries =
                search.fakechrootElsewhere().map(Fakechroot::files).orElse(List.of());
        return new InstallEngines(repository(), programs, libraries);
    }

    @Override
    public VerifyRepository verifyRepository(Progress progress) {
        return new VerifyRepository(existingRepository(), progress);
    }

    @Override
    public String usualMode() {
        String named = settings.text(Key.OVERRIDE_DEFAULT_EXECUTION_MODE);
        return named.isEmpty() ? modeOfArchitecture() : named;
    }

    private String modeOfArchitecture() {
        SequencedMap<String, List<String>> modes = settings.table(Key.DEFAULT_EXECUTION_MODES);
        return modes.getOrDefault(RepositoryLayout.architecture(), modes.getOrDefault("DEFAULT", List.of("P1")))
                .getFirst();
    }

    @Override
    public PullImage pullImage(Progress progress) {
        return new PullImage(registry(), repository(), progress);
    }

    @Override
    public LongWork longWork(Consumer<String> say) {
        return new LongWork(SLOW, HostWiring.node(), say);
    }

    @Override
    public CreateContainer createContainer(Progress progress) {
        return new CreateContainer(repository(), new LayerUnpacker(), UnpackOptions.writable(limits()), progress);
    }

    @Override
    public ImportArchive importArchive(Progress progress) {
        return new ImportArchive(
                repository(), new LayerUnpacker(), UnpackOptions.writable(limits()), Clock.systemUTC(), progress);
    }

    @Override
    public ExportContainer exportContainer(Progress progress) {
        return new ExportContainer(existingRepository(), host.owner(), progress);
    }

    @Override
    public LoadImages loadImages(Progress progress) {
        return new LoadImages(repository(), limits(), progress);
    }

    @Override
    public SaveImages saveImages(Progress progress) {
        return new SaveImages(existingRepository(), progress);
    }

    @Override
    public ObtainContainer obtainContainer(Progress progress) {
        return new ObtainContainer(
                repository(), request -> pullImage(progress).pull(request), () -> createContainer(progress));
    }

    @Override
    public PruneRepository pruneRepository() {
        return new PruneRepository(existingRepository(), host.owner());
    }

    @Override
    public boolean startAgainForMuchWork() {
        if (front.isQuick()) {
            new Handover(front.answer()).again();
        }
        return front.isQuick();
    }

    @Override
    public boolean startAgainForFilesIn(List<Path> folders) {
        if (front.isAmongIds()) {
            return false;
        }
        Optional<LaunchPlan.SubIds> ids =
                folders.stream().flatMap(folder -> IdMark.of(folder).stream()).findFirst();
        ids.ifPresent(new Handover(front.answer())::againAmong);
        return ids.isPresent();
    }

    @Override
    public StartContainer startContainer(Optional<Maker> engine) {
        Repository repository = repository();
        Path place = placeIn(repository);
        return new StartContainer(
                repository,
                place,
                host.planRun(place, engine),
                new Handover(front.answer()),
                settings.text(Key.OVERRIDE_DEFAULT_EXECUTION_MODE),
                order(ModeOrder.forRun(ExecutionMode.parse(modeOfArchitecture()))),
                settings.flag(Key.SUBIDS),
                planCache());
    }

    @Override
    public PlanCache planCache() {
        if (!settings.flag(Key.PLAN_CACHE)) {
            evidence.doubt();
        }
        return new PlanCache(front.plan(), evidence);
    }

    /// A repository that somebody else made for all may be read-only.
    private Path placeIn(Repository repository) {
        Path own = repository.layout().own();
        if (Files.isWritable(Files.exists(own) ? own : repository.layout().root())) {
            return Folders.make(own);
        }
        nodeStage();
        return stageLayout().base();
    }

    @Override
    public WriteJobScript writeJobScript() {
        return new WriteJobScript(
                pinImage(),
                new CheckJob(registry(), repository()),
                settings.stage(),
                settings.text(Key.SCHEDULER),
                front.home(),
                version());
    }

    @Override
    public PinImage pinImage() {
        return new PinImage(
                registry(), repository(), credentials(), settings.registry().defaultRegistry());
    }

    @Override
    public RunJob runJob() {
        return new RunJob(new LocalJob(
                front.home().resolve("libexec/berth-local"),
                HostWiring.node(),
                ProcessHandle.current().pid(),
                environment.getOrDefault("PWD", "/")));
    }

    @Override
    public NodeContext nodeContext() {
        return JobEnvironment.parse(environment, HostWiring.node());
    }

    @Override
    public MpiStep mpiStep(Optional<String> named, Optional<Integer> ranks) {
        return MpiStep.of(named, ranks, environment);
    }

    @Override
    public PrepareNode prepareNode(Optional<Maker> engine, Consumer<String> slow) {
        StageLayout layout = stageLayout();
        LongWork longWork = longWork(slow);
        StepFiles files = new StepFiles(
                layout,
                pullImage(longWork),
                longWork,
                new LayerUnpacker(),
                UnpackOptions.shared(limits()),
                squashfs(),
                diskFlush(),
                host.fakechroot().map(Fakechroot::patchelf),
                host.owner().uid());
        return new PrepareNode(
                this::nodeStage, layout, files, host.planRun(layout.base(), engine), order(ModeOrder.forJobs()));
    }

    private ModeOrder order(ModeOrder usual) {
        Setting setting = settings.setting(Key.MODE_ORDER);
        List<String> words = settings.words(Key.MODE_ORDER);
        return words.isEmpty() ? usual : ModeOrder.parse(words, "mode_order (" + setting.source() + ")");
    }

    @Override
    public SaveStep saveStep() {
        return new SaveStep(stageLayout(), squashfs());
    }

    private Squashfs squashfs() {
        return new Squashfs(environment.get("PATH"));
    }

    @Override
    public SweepNode sweepNode() {
        return new SweepNode(this::nodeStage, stageLayout(), host.owner());
    }

    @Override
    public ReleaseNode releaseNode() {
        return new ReleaseNode(this::nodeStage, stageLayout());
    }

    @Override
    public HostFacts hostFacts() {
        nodeStage();
        Path place = stageLayout().base();
        return new FactsCache(host.engineOptions(place, Optional.empty())).facts(place, host.owner());
    }

    private UnpackLimits limits() {
        return new UnpackLimits(
                number(Key.UNPACK_MAX_ENTRIES),
                number(Key.UNPACK_MAX_MEGABYTES) << 20,
                (int) number(Key.UNPACK_MAX_DEPTH),
                number(Key.UNPACK_MAX_RATIO));
    }

    private long number(Key key) {
        return Long.parseLong(settings.text(key));
    }

    private NodeStage nodeStage() {
        LaunchPlan.Owner owner = host.owner();
        return NodeStage.open(
                stageLayout(), owner.uid(), owner.bootId(), settings.stage().patience());
    }

    private StageLayout stageLayout() {
        return StageLayout.of(settings.stage().nodeDirectory(), front.caller().uid());
    }

    @Override
    public LogIn logIn() {
        return new LogIn(settings.registry(), keystore());
    }

    @Override
    public LogOut logOut() {
        return new LogOut(settings.registry(), keystore());
    }

    private Keystore keystore() {
        return new Keystore(settings.keystore(), front.uid(), settings.stage().patience());
    }

    @Override
    public SearchImages searchImages() {
        return new SearchImages(new RegistrySearch(settings.registry(), credentials()), registry());
    }

    @Override
    public ShowManifest showManifest() {
        return new ShowManifest(registry());
    }

    @Override
    public Terminal terminal() {
        return new FrontTerminal(front);
    }

    private RegistryClient registry() {
        return new RegistryClient(settings.registry(), credentials());
    }

    /// Ours, else what someone logged in with by Docker's or Podman's command.
    private Credentials credentials() {
        String home = environment.getOrDefault("HOME", "/");
        Path docker = Path.of(environment.getOrDefault("DOCKER_CONFIG", home + "/.docker"), "config.json");
        Path podman = Path.of(environment.getOrDefault("XDG_RUNTIME_DIR", home + "/.config"), "containers/auth.json");
        Path named = Path.of(environment.getOrDefault("REGISTRY_AUTH_FILE", podman.toString()));
        return keystore().or(new DockerLogins(named)).or(new DockerLogins(docker));
    }
}
