package io.berth.engine.namespace;

import io.berth.container.ContainerSpec;
import io.berth.engine.Engine;
import io.berth.process.LaunchPlan;
import java.util.List;

/// R1: `berth-exec` itself makes a user and a mount namespace and becomes the program.
public final class NamespaceEngine implements Engine {
    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        return new LaunchPlan(
                "R1",
                owner,
                List.of(),
                spec.environment(),
                spec.descriptors(),
                spec.prefix(),
                spec.command(),
                List.of(),
                new LaunchPlan.Namespace(
                        spec.uid(),
                        spec.gid(),
                        spec.share(),
                        spec.tree().root(),
                        spec.tree().readOnly(),
                        spec.mounts(),
                        spec.workingDirectory()));
    }
}
