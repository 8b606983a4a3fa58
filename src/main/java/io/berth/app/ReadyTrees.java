package io.berth.app;

import io.berth.container.ContainerSpec;
import io.berth.engine.ExecutionMode;
import java.util.Optional;

/// Where a mode that cannot use just any tree finds one.
interface ReadyTrees {
    /// Why there is none and cannot be, as the end of "MODE cannot ...".
    Optional<String> objection(ExecutionMode mode, ContainerSpec spec);

    /// The spec in a tree for the mode, which is made now if it has to be.
    ///
    /// Shape: only for a spec without an objection.
    ContainerSpec ready(ExecutionMode mode, ContainerSpec spec);
}
