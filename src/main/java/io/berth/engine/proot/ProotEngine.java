package io.berth.engine.proot;

import io.berth.container.ContainerSpec;
import io.berth.engine.Engine;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// P1 and P2: PRoot, which rewrites each path that the program uses.
///
/// Source: PRoot 5.1 and 5.4 manual. `-k` is never given: with it 5.1 rejects a call that glibc 2.33 and later
/// depends
/// on.
public final class ProotEngine implements Engine {
    private static final String INIT = "/.berth-init";

    private final String mode;
    private final Path proot;
    private final Path berthExec;
    private final Path scratch;

    /// @param mode `P1`, or `P2` for no seccomp acceleration
    public ProotEngine(String mode, Path proot, Path berthExec, Path scratch) {
        this.mode = mode;
        this.proot = proot;
        this.berthExec = berthExec;
        this.scratch = scratch;
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        requireFolder(spec);
        List<String> words = new ArrayList<>(List.of(proot.toString()));
        if (spec.uid() == 0 && owner.uid() != 0) {
            words.add("-0");
        } else if (spec.uid() != owner.uid()) {
            words.addAll(List.of("-i", spec.uid() + ":" + spec.gid()));
        }
        for (Mount mount : spec.mounts()) {
            bind(words, mount);
        }
        words.addAll(List.of("-b", berthExec + ":" + INIT));
        words.addAll(List.of("-r", spec.tree().root().toString(), "-w", spec.workingDirectory()));
        SequencedMap<String, String> environment = new LinkedHashMap<>();
        if (mode.equals("P2")) {
            environment.put("PROOT_NO_SECCOMP", "1");
        }
        environment.put("PROOT_TMP_DIR", scratch.toString());
        return new LaunchPlan(
                mode,
                owner,
                List.of(Stamp.of(proot)),
                spec.environment(),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                new LaunchPlan.Engine(words, environment, INIT));
    }

    /// PRoot itself only warns, and starts the program in `/`. What lies behind a link or a mount is left to it.
    private static void requireFolder(ContainerSpec spec) {
        Path wanted = Path.of(spec.workingDirectory());
        if (spec.mounts().stream().anyMatch(mount -> wanted.startsWith(mount.target()))) {
            return;
        }
        Path folder = spec.tree().root();
        for (Path part : wanted) {
            folder = folder.resolve(part);
            if (Files.isSymbolicLink(folder)) {
                return;
            }
            if (!Files.isDirectory(folder)) {
                throw FaultException.of(
                        Fault.NOT_FOUND,
                        "planning a P mode: the container has no folder " + wanted + " to work in",
                        "name another one with --workdir, or mount one there with --volume");
            }
        }
    }

    private static void bind(List<String> words, Mount mount) {
        switch (mount) {
            case Mount.Bind bind -> {
                if (bind.optional() && !Files.exists(bind.source())) {
                    return;
                }
                if (bind.readOnly()) {
                    throw unable("mount " + bind.target() + " read-only");
                }
                if (bind.source().toString().indexOf(':') >= 0 || bind.target().indexOf(':') >= 0) {
                    throw unable("mount a path with a colon (" + bind.source() + ")");
                }
                words.addAll(List.of("-b", bind.source() + ":" + bind.target()));
            }
            case Mount.Tmpfs(String target, String _) -> throw unable("mount a file system in memory at " + target);
        }
    }

    private static FaultException unable(String what) {
        return FaultException.of(
                Fault.HOST_UNFIT, "planning a P mode: PRoot cannot " + what, "use --mode=R1, or leave it out");
    }
}
