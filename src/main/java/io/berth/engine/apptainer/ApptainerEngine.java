package io.berth.engine.apptainer;

import io.berth.container.ContainerSpec;
import io.berth.engine.Capabilities;
import io.berth.engine.Demands;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// S1: Apptainer or Singularity on the tree as it is.
///
/// Source: `apptainer exec` 1.4; udocker 1.3, mode S1. Of its own habits (home, /tmp, the working folder,
/// variables) none is left: `berth-exec` inside sets what the plan says.
public final class ApptainerEngine implements Engine {
    /// Apptainer shows these itself.
    private static final Set<String> SHOWN = Set.of("/proc", "/sys", "/dev");

    private final Path program;
    private final Path berthExec;

    public ApptainerEngine(Path program, Path berthExec) {
        this.program = program;
        this.berthExec = berthExec;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        return Capabilities.objection(ExecutionMode.S1, Demands.of(spec)).or(() -> missingPlace(spec));
    }

    /// In a tree that can be written to, Apptainer makes no places for mounts.
    private static Optional<String> missingPlace(ContainerSpec spec) {
        return spec.mounts().stream()
                .filter(mount -> mount instanceof Mount.Bind bind && !bind.optional())
                .filter(mount -> !hasPlace(spec, mount))
                .findFirst()
                .map(mount -> "mount " + mount.target()
                        + ": the tree has no such place, and Apptainer makes none in a tree that can be written to");
    }

    private static boolean hasPlace(ContainerSpec spec, Mount mount) {
        return spec.tree().readOnly() || Files.exists(place(spec, mount), LinkOption.NOFOLLOW_LINKS);
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        evidence.content(program);
        spec.mounts().forEach(mount -> evidence.entry(place(spec, mount)));
    }

    private static Path place(ContainerSpec spec, Mount mount) {
        return spec.tree().root().resolve(mount.target().substring(1));
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        return spec.wishes().freePorts()
                ? List.of("ports are not moved to free ones in mode S1: the network is the host's")
                : List.of();
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        List<String> words = new ArrayList<>(List.of(
                program.toString(),
                "--silent",
                "exec",
                "--userns",
                "--no-home",
                "--no-mount",
                "home,tmp,cwd,bind-paths"));
        if (!spec.tree().readOnly()) {
            words.add("--writable");
        }
        if (!spec.asCaller()) {
            words.add("--fakeroot");
        }
        for (Mount mount : spec.mounts()) {
            if (mount instanceof Mount.Bind bind && isBound(spec, bind)) {
                words.add("--bind");
                words.add(bind.source() + ":" + bind.target() + (bind.readOnly() ? ":ro" : ""));
            }
        }
        words.addAll(List.of("--pwd", "/", spec.tree().root().toString()));
        return new LaunchPlan(
                ExecutionMode.S1.name(),
                owner,
                List.of(Stamp.of(program)),
                spec.environment(),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                spec.wishes().cpus(),
                Optional.empty(),
                new LaunchPlan.Sandbox(words, new LinkedHashMap<>(), spec.workingDirectory(), berthExec));
    }

    private static boolean isBound(ContainerSpec spec, Mount.Bind bind) {
        boolean own = SHOWN.contains(bind.target()) && bind.source().toString().equals(bind.target());
        return !own && !Demands.isSkipped(bind) && hasPlace(spec, bind);
    }
}
