package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.container.EngineWishes;
import io.berth.container.Tree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.TreeRemoval;
import io.berth.files.UnixStat;
import io.berth.process.Command;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.PlanText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.UUID;

/// Finds out what this machine can do by trying: each mode starts a small static program from the very folder that
/// will hold trees, through the same plan and launcher as a real start, and must see its token and its exit
/// status.
public final class HostProbe {
    static final int TRIAL_STATUS = 42;
    private static final Duration TRIAL_LIMIT = Duration.ofSeconds(20);
    private static final List<ExecutionMode> PREFERENCE = List.of(
            ExecutionMode.R1,
            ExecutionMode.P1,
            ExecutionMode.P2,
            ExecutionMode.R2,
            ExecutionMode.R3,
            ExecutionMode.F1,
            ExecutionMode.F2,
            ExecutionMode.F3,
            ExecutionMode.F4,
            ExecutionMode.S1);
    private static final List<String> HINTS = List.of(
            "/proc/sys/user/max_user_namespaces",
            "/proc/sys/user/max_mnt_namespaces",
            "/proc/sys/kernel/unprivileged_userns_clone",
            "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
            "/proc/sys/kernel/yama/ptrace_scope");

    private final EngineOptions options;
    private final Engines engines;

    public HostProbe(EngineOptions options) {
        this.options = options;
        this.engines = new Engines(options);
    }

    /// @param place private folder on the file system that will hold trees; the trials leave nothing in it
    public HostFacts probe(Path place, LaunchPlan.Owner owner) {
        Path folder = Folders.make(place.resolve(".trial-" + UUID.randomUUID()));
        try {
            Path tree = Folders.make(folder.resolve("tree"));
            Files.copy(options.berthExec(), tree.resolve("trial"));
            List<Trial> trials = new ArrayList<>();
            for (ExecutionMode mode : PREFERENCE) {
                trials.add(attempt(mode, folder, owner));
            }
            return new HostFacts(
                    owner.node(),
                    owner.bootId(),
                    hint("/proc/sys/kernel/osrelease"),
                    hints(),
                    trials,
                    EngineVersions.of(options));
        } catch (IOException e) {
            throw FaultException.io("preparing trials in " + place, e);
        } finally {
            TreeRemoval.remove(folder);
        }
    }

    private Trial attempt(ExecutionMode mode, Path folder, LaunchPlan.Owner owner) {
        String token = UUID.randomUUID().toString();
        long began = System.nanoTime();
        String finding;
        boolean conclusive = true;
        try {
            Engine engine = engines.forMode(mode);
            LaunchPlan plan = engine.plan(spec(mode, folder, owner, token), owner);
            Path file = folder.resolve("plan-" + mode);
            AtomicFile.write(file, PlanText.of(plan), "rw-------");
            Command.Result result = Command.run(List.of(options.berthExec().toString(), file.toString()), TRIAL_LIMIT);
            finding = verdict(result, token);
        } catch (FaultException e) {
            // says nothing of the mode, and must not be remembered
            if (e.fault() == Fault.INTERRUPTED || e.fault() == Fault.NO_SPACE) {
                throw e;
            }
            conclusive = e.fault() != Fault.BUSY;
            finding = String.valueOf(e.getMessage());
        }
        long millis = Duration.ofNanos(System.nanoTime() - began).toMillis();
        return new Trial(mode, finding.equals("works"), conclusive, finding, millis);
    }

    private static String verdict(Command.Result result, String token) {
        if (result.status() == TRIAL_STATUS && result.output().strip().equals(token)) {
            return "works";
        }
        return firstLine(result.output())
                + (result.status() == TRIAL_STATUS ? "" : " (status " + result.status() + ")");
    }

    static String firstLine(String output) {
        String first = output.lines().findFirst().orElse("no output");
        return first.startsWith("berth: ") ? first.substring("berth: ".length()) : first;
    }

    /// P1 is proved by its filter: a PRoot without one starts programs just as well, as P2.
    private static List<String> words(ExecutionMode mode, String token) {
        return List.of("/trial", mode == ExecutionMode.P1 ? "--probe-filter" : "--probe", token);
    }

    /// Of a static program in a tree of its own, or of the host's shell where libraries have to be loaded.
    private ContainerSpec spec(ExecutionMode mode, Path folder, LaunchPlan.Owner owner, String token) {
        if (!mode.needsReadyTree()) {
            return spec(folder.resolve("tree"), owner, mode, words(mode, token));
        }
        // that it is here has been asked before
        FakeTrial trial = new FakeTrial(folder, options.fakechroot().orElseThrow());
        return spec(trial.tree(mode, token), owner, mode, FakeTrial.words());
    }

    /// runc knows no other user than root, and what works for root works for others.
    private ContainerSpec spec(Path tree, LaunchPlan.Owner owner, ExecutionMode mode, List<String> words) {
        boolean asRoot = mode == ExecutionMode.R1 && options.runtime().isPresent();
        return new ContainerSpec(
                new Tree(tree, true),
                List.of(Mount.Bind.inPlace("/proc"), Mount.Bind.inPlace("/dev")),
                asRoot ? 0 : owner.uid(),
                asRoot ? 0 : UnixStat.of(tree).gid(),
                !asRoot,
                new EnvironmentPolicy(List.of(), List.of(), new LinkedHashMap<>(), new LinkedHashMap<>()),
                new DescriptorPolicy.NamedBy(List.of()),
                "/",
                words,
                List.of(),
                Optional.empty(),
                EngineWishes.none(),
                List.of());
    }

    private static SequencedMap<String, String> hints() {
        SequencedMap<String, String> hints = new LinkedHashMap<>();
        for (String file : HINTS) {
            if (Files.isReadable(Path.of(file))) {
                hints.put(file, hint(file));
            }
        }
        return hints;
    }

    private static String hint(String file) {
        return AtomicFile.read(Path.of(file)).strip();
    }
}
