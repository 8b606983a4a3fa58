package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.process.LaunchPlan;

/// One way to make containers.
public interface Engine {
    /// Says how to start the spec; starts nothing.
    ///
    /// Errors: HOST_UNFIT when the spec asks for what this engine cannot do.
    LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner);
}
