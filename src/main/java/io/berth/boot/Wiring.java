package io.berth.boot;

import io.berth.app.CreateContainer;
import io.berth.app.LogIn;
import io.berth.app.LogOut;
import io.berth.app.PlanRun;
import io.berth.app.PrepareNode;
import io.berth.app.PullImage;
import io.berth.app.ReleaseNode;
import io.berth.app.RunJob;
import io.berth.app.SearchImages;
import io.berth.app.ShowManifest;
import io.berth.app.StartContainer;
import io.berth.app.WriteJobScript;
import io.berth.batch.JobEnvironment;
import io.berth.batch.LocalJob;
import io.berth.batch.NodeContext;
import io.berth.cli.Terminal;
import io.berth.cli.Toolbox;
import io.berth.config.Settings;
import io.berth.config.SettingsReader;
import io.berth.container.HostUser;
import io.berth.engine.EngineOptions;
import io.berth.engine.Engines;
import io.berth.engine.FactsCache;
import io.berth.engine.HostFacts;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.Command;
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
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/// Makes the verbs and what they are made of. Everything is made when asked for.
final class Wiring implements Toolbox {
    private final FrontVariables front;
    private final Map<String, String> environment;
    private final Settings settings;

    Wiring(FrontVariables front, Map<String, String> environment, Map<String, String> options) {
        this.front = front;
        this.environment = environment;
        this.settings = SettingsReader.read(files(), environment, options);
    }

    private List<Path> files() {
        return List.of(
                front.home().resolve("etc/berth.conf"),
                Path.of("/etc/berth.conf"),
                Path.of(environment.getOrDefault("HOME", "/"), ".udocker", "berth.conf"));
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
        return Repository.open(settings.repository(), settings.stage().patience());
    }

    @Override
    public Repository existingRepository() {
        return Repository.existing(settings.repository(), settings.stage().patience());
    }

    @Override
    public PullImage pullImage(Progress progress) {
        return new PullImage(registry(), repository(), progress);
    }

    @Override
    public CreateContainer createContainer(Progress progress) {
        return new CreateContainer(repository(), new LayerUnpacker(), UnpackOptions.writable(), progress);
    }

    @Override
    public StartContainer startContainer() {
        Repository repository = repository();
        Folders.make(repository.layout().own());
        return new StartContainer(repository, planRun(repository.layout().own()), new Handover(front.answer()));
    }

    @Override
    public WriteJobScript writeJobScript() {
        return new WriteJobScript(registry(), repository(), settings.stage(), front.home(), version());
    }

    @Override
    public RunJob runJob() {
        return new RunJob(new LocalJob(
                front.home().resolve("libexec/berth-local"),
                node(),
                ProcessHandle.current().pid(),
                environment.getOrDefault("PWD", "/")));
    }

    @Override
    public NodeContext nodeContext() {
        return JobEnvironment.parse(environment, node());
    }

    @Override
    public PrepareNode prepareNode() {
        StageLayout layout = stageLayout();
        return new PrepareNode(
                this::nodeStage,
                layout,
                pullImage(Progress.none()),
                new LayerUnpacker(),
                UnpackOptions.shared(),
                planRun(layout.base()));
    }

    @Override
    public ReleaseNode releaseNode() {
        return new ReleaseNode(this::nodeStage, stageLayout());
    }

    @Override
    public HostFacts hostFacts() {
        nodeStage();
        Path place = stageLayout().base();
        return new FactsCache(engineOptions(place)).facts(place, owner());
    }

    private NodeStage nodeStage() {
        return NodeStage.open(
                stageLayout(), front.caller().uid(), settings.stage().patience());
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

    private PlanRun planRun(Path scratch) {
        EngineOptions options = engineOptions(scratch);
        HostUser caller = front.caller();
        return new PlanRun(new FactsCache(options), new Engines(options), owner(), caller);
    }

    private EngineOptions engineOptions(Path scratch) {
        Optional<Path> proot = settings.proot().or(() -> Command.find("proot", environment.get("PATH")));
        return new EngineOptions(front.home().resolve("libexec/berth-exec"), proot, scratch);
    }

    private LaunchPlan.Owner owner() {
        return new LaunchPlan.Owner(front.caller().uid(), kernel("random/boot_id"), node());
    }

    private static String node() {
        return kernel("hostname");
    }

    private static String kernel(String key) {
        return AtomicFile.read(Path.of("/proc/sys/kernel", key)).strip();
    }
}
