package io.berth.engine.proot;

import io.berth.container.ContainerSpec;
import io.berth.container.Port;
import io.berth.container.Tree;
import io.berth.engine.Capabilities;
import io.berth.engine.Demands;
import io.berth.engine.Emulators;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.engine.Proot;
import io.berth.files.Evidence;
import io.berth.files.UnixStat;
import io.berth.process.Command;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import io.berth.process.Stamp;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// P1 and P2: PRoot, which rewrites each path that the program uses.
///
/// Source: PRoot 5.1 and 5.4 manual; udocker 1.3 for the ports, which only its own PRoot knows. `-k` is given only
/// when asked for: with it 5.1 rejects a call that glibc 2.33 and later depends on.
public final class ProotEngine implements Engine {
    private static final String INIT = "/.berth-init";
    private static final Duration HELP_LIMIT = Duration.ofSeconds(10);

    private final ExecutionMode mode;
    private final Proot proot;
    private final Emulators emulators;
    private final Path berthExec;
    private final Path scratch;

    /// @param mode P1 or P2
    public ProotEngine(ExecutionMode mode, Proot proot, Emulators emulators, Path berthExec, Path scratch) {
        this.mode = mode;
        this.proot = proot;
        this.emulators = emulators;
        this.berthExec = berthExec;
        this.scratch = scratch;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        return Capabilities.objection(mode, Demands.of(spec))
                .or(() -> portObjection(spec))
                .or(() -> rootObjection(spec.tree()))
                .or(() -> machineObjection(spec.tree().machine()));
    }

    private Optional<String> machineObjection(String machine) {
        if (machine.isEmpty()) {
            return Optional.empty();
        }
        if (proot.loader().isEmpty()) {
            return Optional.of(
                    "run programs for " + machine + " with " + proot.program() + ": only our own PRoot does");
        }
        return emulators.forMachine(machine).isPresent() ? Optional.empty() : Optional.of(emulators.missing(machine));
    }

    /// Nothing but permissions guards a tree here; those that jobs share have none to write.
    private static Optional<String> rootObjection(Tree tree) {
        boolean open = tree.readOnly()
                && Files.isWritable(tree.root())
                && (UnixStat.of(tree.root()).mode() & 0222) != 0;
        return open ? Optional.of("keep the files in " + tree.root() + " from being changed") : Optional.empty();
    }

    private Optional<String> portObjection(ContainerSpec spec) {
        List<Port> moved = spec.wishes().movedPorts();
        return moved.isEmpty() || can("--port")
                ? Optional.empty()
                : Optional.of("map port " + moved.getFirst().inside()
                        + " with this proot: let the program listen on port "
                        + moved.getFirst().host());
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        return spec.wishes().freePorts() && !can("--netcoop")
                ? List.of("ports are not moved to free ones: this proot cannot")
                : List.of();
    }

    /// Whether this proot has an option: the stock one has none for ports.
    private boolean can(String option) {
        return Command.run(List.of(proot.program().toString(), "--help"), HELP_LIMIT)
                .output()
                .contains(option);
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        evidence.content(proot.program());
        proot.loader().ifPresent(evidence::content);
        evidence.kind(scratch);
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        List<String> words = new ArrayList<>(List.of(proot.program().toString()));
        if (proot.loader().isPresent()) {
            words.add("--kill-on-exit");
        }
        if (spec.uid() == 0 && spec.gid() == 0 && !spec.asCaller()) {
            words.add("-0");
        } else if (!spec.asCaller()) {
            words.addAll(List.of("-i", spec.uid() + ":" + spec.gid()));
        }
        Optional.of(spec.tree().machine())
                .filter(machine -> !machine.isEmpty())
                .flatMap(emulators::forMachine)
                .ifPresent(emulator -> words.addAll(List.of("-q", emulator.toString())));
        spec.wishes().kernel().ifPresent(release -> words.addAll(List.of("-k", release)));
        spec.wishes().movedPorts().forEach(port -> words.addAll(List.of("-p", port.inside() + ":" + port.host())));
        if (spec.wishes().freePorts() && can("--netcoop")) {
            words.add("-n");
        }
        for (Mount mount : spec.mounts()) {
            if (mount instanceof Mount.Bind bind && !Demands.isSkipped(bind)) {
                words.addAll(List.of("-b", bind.source() + ":" + bind.target()));
            }
        }
        if (proot.loader().isEmpty()) {
            words.addAll(List.of("-b", berthExec + ":" + INIT));
        }
        words.addAll(List.of("-r", spec.tree().root().toString(), "-w", spec.workingDirectory()));
        if (proot.loader().isPresent()) {
            words.add(Proot.START);
        }
        return new LaunchPlan(
                mode.name(),
                owner,
                List.of(Stamp.of(proot.program())),
                spec.environment(),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                spec.wishes().cpus(),
                Optional.empty(),
                new LaunchPlan.Engine(
                        words, environment(), proot.loader().isPresent() ? Optional.empty() : Optional.of(INIT)));
    }

    private SequencedMap<String, String> environment() {
        SequencedMap<String, String> environment = new LinkedHashMap<>();
        if (mode == ExecutionMode.P2) {
            environment.put("PROOT_NO_SECCOMP", "1");
        }
        environment.put("PROOT_TMP_DIR", scratch.toString());
        // else it makes the places of mounts in the tree, and leaves them there
        environment.put("PROOT_DONT_POLLUTE_ROOTFS", "1");
        // else it writes one at each start, which takes longer and needs a place without noexec
        proot.loader().ifPresent(loader -> environment.put("PROOT_LOADER", loader.toString()));
        return environment;
    }
}
