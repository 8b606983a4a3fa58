package io.berth.engine.fake;

import io.berth.container.ContainerSpec;
import io.berth.container.InsideView;
import io.berth.elf.EntryProgram;
import io.berth.elf.ImageFacts;
import io.berth.elf.LibraryFolders;
import io.berth.engine.Capabilities;
import io.berth.engine.Demand;
import io.berth.engine.Demands;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.engine.Fakechroot;
import io.berth.engine.Feature;
import io.berth.engine.Proot;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// F1 to F4: the program runs on the host, and libfakechroot, loaded before its libraries, rewrites the paths that it
/// uses. The tree has been made ready for the mode.
///
/// Source: docs/adr/20261126-f-modes.md, the contract with berth-exec and the companion.
public final class FakechrootEngine implements Engine {
    private static final String PRELOAD = "LD_PRELOAD";

    private final ExecutionMode mode;
    private final Fakechroot fakechroot;
    private final Optional<Proot> proot;
    private final Path scratch;

    /// @param mode F1, F2, F3 or F4
    /// @param proot for static programs; absent to refuse them
    /// @param scratch a folder on an executable file system for it
    public FakechrootEngine(ExecutionMode mode, Fakechroot fakechroot, Optional<Proot> proot, Path scratch) {
        this.mode = mode;
        this.fakechroot = fakechroot;
        this.proot = proot;
        this.scratch = scratch;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        return Capabilities.objection(mode, Demands.of(spec))
                .or(() -> oddPath(spec))
                .or(() -> new FakeMounts(spec.mounts()).objection())
                .or(() -> facts(spec).unpreparable())
                .or(() -> staticProgram(spec));
    }

    /// LD_PRELOAD and lists of folders have no way to say such a path.
    private Optional<String> oddPath(ContainerSpec spec) {
        return Stream.of(spec.tree().root(), fakechroot.library(), fakechroot.companion())
                .map(Path::toString)
                .filter(path -> path.indexOf(':') >= 0 || path.indexOf(' ') >= 0)
                .findFirst()
                .map(path -> "use a path with a colon or a blank (" + path + ")");
    }

    /// As far as it is known who starts: ranks bring their own command.
    private Optional<String> staticProgram(ContainerSpec spec) {
        EntryProgram entry = entry(spec, Evidence.unwanted());
        return entry.kind() == EntryProgram.Kind.STATIC
                ? Capabilities.objection(
                        mode, List.of(new Demand(Feature.STATIC_PROGRAM, "start the static program " + entry.path())))
                : Optional.empty();
    }

    private static EntryProgram entry(ContainerSpec spec, Evidence evidence) {
        List<String> words = spec.prefix().isEmpty() ? spec.command() : spec.prefix();
        String program = words.isEmpty() ? "" : words.getFirst();
        InsideView view = new InsideView(spec.tree().root(), spec.mounts(), evidence);
        return ImageFacts.read(view, program, searchPath(spec)).entry();
    }

    private static String searchPath(ContainerSpec spec) {
        EnvironmentPolicy environment = spec.environment();
        return environment
                .settings()
                .getOrDefault("PATH", environment.defaults().getOrDefault("PATH", "/bin:/usr/bin"));
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        List<String> notices = new ArrayList<>();
        if (!spec.asCaller() && spec.uid() == 0) {
            notices.add("programs run as who starts them, and not as root: mode " + mode + " cannot show another user");
        }
        if (spec.wishes().freePorts()) {
            notices.add("ports are not moved to free ones in F modes: the network is the host's");
        }
        return notices;
    }

    private static ImageFacts facts(ContainerSpec spec) {
        return ImageFacts.read(spec.tree().root(), List.of(), "", "");
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        if (!evidence.isWanted()) {
            return;
        }
        Stream.of(fakechroot.library(), fakechroot.companion(), fakechroot.patchelf())
                .forEach(evidence::content);
        proot.ifPresent(program -> evidence.content(program.program()));
        proot.flatMap(Proot::loader).ifPresent(evidence::content);
        InsideView host = new InsideView(Path.of("/"), List.of(), evidence);
        host.find(spec.tree().root().toAbsolutePath().toString());
        new FakeMounts(spec.mounts()).note(host);
        entry(spec, evidence);
        InsideView view = new InsideView(spec.tree().root(), List.of(), evidence);
        ImageFacts facts = ImageFacts.read(view, "", "");
        facts.loader().ifPresent(loader -> evidence.content(Path.of(spec.tree().root() + loader)));
        List<String> libraries = LibraryFolders.of(view, facts.machine());
        localeFolder(view);
        conversionFolder(view, libraries);
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        String tree = Folders.real(spec.tree().root()).toString();
        ImageFacts facts = facts(spec);
        Path loader = Path.of(tree + facts.loader().orElseThrow());
        SequencedMap<String, String> settings = settings(spec, tree, facts, loader);
        EnvironmentPolicy given = spec.environment();
        List<String> drop = new ArrayList<>(given.drop());
        // those of the host mean the host's files
        drop.addAll(List.of("LD_*", "LOCPATH", "GCONV_PATH", "FAKECHROOT_*", "BERTH_FAKE_*"));
        return new LaunchPlan(
                mode.name(),
                owner,
                stamps(loader),
                new EnvironmentPolicy(given.keep(), drop, given.defaults(), settings),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                spec.wishes().cpus(),
                Optional.empty(),
                new LaunchPlan.Fake(Path.of(tree), spec.workingDirectory()));
    }

    /// A preload file that is missing would be a warning only, and the program would run on the host.
    private List<Stamp> stamps(Path loader) {
        Stream<Path> always = Stream.of(fakechroot.companion(), fakechroot.library(), loader);
        return Stream.concat(always, mode == ExecutionMode.F4 ? Stream.of(fakechroot.patchelf()) : Stream.of())
                .map(Stamp::of)
                .toList();
    }

    private SequencedMap<String, String> settings(ContainerSpec spec, String tree, ImageFacts facts, Path loader) {
        SequencedMap<String, String> settings =
                new LinkedHashMap<>(spec.environment().settings());
        InsideView view = new InsideView(Path.of(tree), List.of());
        List<String> libraries = LibraryFolders.of(view, facts.machine());
        FakeMounts mounts = new FakeMounts(spec.mounts());
        settings.put("FAKECHROOT_BASE", tree);
        settings.put("FAKECHROOT_EXCLUDE_PATH", String.join(":", mounts.excluded()));
        settings.put(PRELOAD, preloads(tree, settings.get(PRELOAD)));
        localeFolder(view).ifPresent(path -> settings.put("LOCPATH", tree + path));
        conversionFolder(view, libraries).ifPresent(path -> settings.put("GCONV_PATH", tree + path));
        settings.put("BERTH_FAKE_MODE", mode.name());
        settings.put("BERTH_FAKE_LOADER", loader.toString());
        if (facts.libc().isAtLeast(2, 33)) {
            settings.put("BERTH_FAKE_ARGV0", "1");
        }
        settings.put(
                "BERTH_FAKE_LIBRARIES",
                libraries.stream().map(path -> tree + path).collect(Collectors.joining(":")));
        proot.ifPresent(program ->
                settings.put("BERTH_FAKE_STATIC", StaticStart.words(program, scratch, Path.of(tree), spec.mounts())));
        if (mode == ExecutionMode.F4) {
            settings.put("BERTH_FAKE_PATCHELF", fakechroot.patchelf().toString());
        }
        return settings;
    }

    private static Optional<String> localeFolder(InsideView view) {
        return folder(view, Stream.of("/usr/lib/locale"));
    }

    private static Optional<String> conversionFolder(InsideView view, List<String> libraries) {
        return folder(view, libraries.stream().map(path -> path + "/gconv"));
    }

    private static Optional<String> folder(InsideView view, Stream<String> candidates) {
        return candidates
                .filter(path -> view.find(path).filter(Files::isDirectory).isPresent())
                .findFirst();
    }

    /// Ours in front; what the image or the user wants is a path inside.
    private String preloads(String tree, @org.jspecify.annotations.Nullable String wanted) {
        String own = fakechroot.companion() + ":" + fakechroot.library();
        if (wanted == null) {
            return own;
        }
        return Stream.of(wanted.split("[ :]+"))
                .filter(word -> !word.isEmpty())
                .map(word -> word.startsWith("/") ? tree + word : word)
                .collect(Collectors.joining(":", own + ":", ""));
    }
}
