package io.berth.engine.namespace;

import io.berth.container.ContainerSpec;
import io.berth.engine.Capabilities;
import io.berth.engine.Demands;
import io.berth.engine.Emulation;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.engine.RealIds;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import java.util.List;
import java.util.Optional;

/// R1: `berth-exec` itself makes a user and a mount namespace and becomes the program. R2 in addition answers what only
/// root can do as done.
public final class NamespaceEngine implements Engine {
    private final ExecutionMode mode;
    private final Emulation emulation;
    private final RealIds ids;

    /// @param mode R1, R2, or R3 for its outer part
    public NamespaceEngine(ExecutionMode mode, Emulation emulation, RealIds ids) {
        this.mode = mode;
        this.emulation = emulation;
        this.ids = ids;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        return Capabilities.objection(mode, Demands.of(spec))
                .or(() -> ids.objection(spec))
                .or(() -> emulation.objection(spec));
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        return spec.wishes().freePorts()
                ? List.of("ports are not moved to free ones in R modes: the network is the host's")
                : List.of();
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        emulation.note(spec, evidence);
        ids.note(spec, evidence);
    }

    @Override
    public Optional<String> users(ContainerSpec spec) {
        return Optional.of(ids.explained(spec));
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        return new LaunchPlan(
                mode.name(),
                owner,
                List.of(),
                spec.environment(),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                spec.wishes().cpus(),
                Optional.empty(),
                new LaunchPlan.Namespace(
                        spec.uid(),
                        spec.gid(),
                        spec.share(),
                        spec.tree().root(),
                        spec.tree().readOnly(),
                        spec.mounts(),
                        spec.workingDirectory(),
                        mode == ExecutionMode.R2,
                        spec.wishes().unshared(),
                        emulation.of(spec.tree().machine()),
                        mode == ExecutionMode.R3 ? Optional.empty() : ids.of(spec)));
    }
}
