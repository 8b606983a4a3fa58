package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.files.Evidence;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// R3: our PRoot as root, inside the namespace of R1.
///
/// Source: udocker 1.3, mode R3. Kept for those who know its name; R2 does more, and costs nothing a call.
final class InnerProot implements Engine {
    private static final String FOLDER = "/.berth-engines";
    private static final String PROC = "/proc";
    /// Empty on every Linux, and of no use: a place to mount on that no tree has to have.
    private static final String IDLE = PROC + "/tty/ldisc";

    private final Engine outer;
    private final Proot proot;
    private final Path loader;

    /// @param outer makes the namespace
    InnerProot(Engine outer, Proot proot, Path loader) {
        this.outer = outer;
        this.proot = proot;
        this.loader = loader;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        return outer.objection(spec);
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        return outer.notices(spec);
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        evidence.content(proot.program());
        evidence.content(loader);
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        SequencedMap<String, String> settings = new LinkedHashMap<>();
        settings.put("PROOT_NO_SECCOMP", "1");
        settings.put("PROOT_DONT_POLLUTE_ROOTFS", "1");
        String folder = folder(spec);
        settings.put("PROOT_LOADER", folder + "/" + loader.getFileName());
        String own = String.join(",", settings.keySet());
        settings.putAll(spec.environment().settings());
        List<Mount> mounts = new ArrayList<>(spec.mounts());
        mounts.add(new Mount.Bind(
                loader.resolveSibling("").toAbsolutePath(), folder, true, false, traceless(spec, folder)));
        List<String> prefix =
                new ArrayList<>(List.of(folder + "/" + proot.program().getFileName(), "--kill-on-exit"));
        // who is somebody else is so by the namespace
        if (spec.uid() == 0) {
            prefix.add("-0");
        }
        prefix.addAll(List.of("-w", spec.workingDirectory(), Proot.START, own));
        prefix.addAll(spec.prefix());
        EnvironmentPolicy given = spec.environment();
        LaunchPlan plan = outer.plan(
                new ContainerSpec(
                        spec.tree(),
                        mounts,
                        spec.uid(),
                        spec.gid(),
                        spec.asCaller(),
                        new EnvironmentPolicy(given.keep(), given.drop(), given.defaults(), settings),
                        spec.descriptors(),
                        spec.workingDirectory(),
                        prefix,
                        spec.command(),
                        spec.share(),
                        spec.wishes(),
                        spec.notices()),
                owner);
        return plan.withStamp(Stamp.of(proot.program()));
    }

    /// The tree is never to get the folder, even if its root cannot be written to then.
    private static List<String> traceless(ContainerSpec spec, String folder) {
        return folder.equals(FOLDER) && !spec.tree().readOnly() ? List.of("cover") : List.of();
    }

    /// Where PRoot and its loader are shown.
    private static String folder(ContainerSpec spec) {
        boolean isShown = spec.mounts().stream()
                .anyMatch(mount -> mount instanceof Mount.Bind bind
                        && bind.target().equals(PROC)
                        && bind.source().equals(Path.of(PROC)));
        return isShown && Files.isDirectory(Path.of(IDLE)) ? IDLE : FOLDER;
    }
}
