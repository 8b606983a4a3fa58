package io.berth.engine.namespace;

import io.berth.container.ContainerSpec;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.process.LaunchPlan;
import java.util.List;
import java.util.Optional;

/// R1: `berth-exec` itself makes a user and a mount namespace and becomes the program. R2 in addition answers what only
/// root can do as done.
public final class NamespaceEngine implements Engine {
    private static final String HOSTS_NETWORK = "the network is the host's: let the program listen on port ";

    private final ExecutionMode mode;

    /// @param mode R1, R2, or R3 for its outer part
    public NamespaceEngine(ExecutionMode mode) {
        this.mode = mode;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        Optional<String> kernel = spec.wishes().kernel().map(_ -> "show another kernel release");
        return kernel.or(() -> spec.wishes().movedPorts().stream()
                .findFirst()
                .map(port -> "map port " + port.inside() + ": " + HOSTS_NETWORK + port.host()));
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        return spec.wishes().freePorts()
                ? List.of("ports are not moved to free ones in R modes: the network is the host's")
                : List.of();
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
                        spec.wishes().unshared()));
    }
}
