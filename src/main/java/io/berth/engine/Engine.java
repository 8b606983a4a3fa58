package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.files.Evidence;
import io.berth.process.LaunchPlan;
import java.util.List;
import java.util.Optional;

/// One way to make containers.
public interface Engine {
    /// What of the spec this engine cannot do, as the end of "MODE cannot ...".
    Optional<String> objection(ContainerSpec spec);

    /// What the user should know of how the spec will be done, a line each.
    List<String> notices(ContainerSpec spec);

    /// Notes what of the host its objection and its plan depend on, but the spec and the mounts in it. Plans that an
    /// engine has a part in that does not say are not kept.
    default void note(ContainerSpec spec, Evidence evidence) {
        evidence.doubt();
    }

    /// Which users and groups there are inside, and why, where that is the mode's to say.
    default Optional<String> users(ContainerSpec spec) {
        return Optional.empty();
    }

    /// Says how to start the spec; starts nothing.
    ///
    /// Shape: only for a spec without an objection.
    LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner);
}
