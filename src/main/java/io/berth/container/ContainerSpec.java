package io.berth.container;

import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import java.util.List;
import java.util.Optional;

/// A complete wish: what to run, with no default left open. Engines turn it into a plan.
///
/// @param uid shown inside
/// @param asCaller whether uid and gid are the caller's own
/// @param prefix words before any command
/// @param command used when the caller of the plan gives none
/// @param notices what the user should know of the choices that were made for him, a line each
public record ContainerSpec(
        Tree tree,
        List<Mount> mounts,
        long uid,
        long gid,
        boolean asCaller,
        EnvironmentPolicy environment,
        DescriptorPolicy descriptors,
        String workingDirectory,
        List<String> prefix,
        List<String> command,
        Optional<LaunchPlan.Share> share,
        EngineWishes wishes,
        List<String> notices) {
    public ContainerSpec {
        mounts = List.copyOf(mounts);
        prefix = List.copyOf(prefix);
        command = List.copyOf(command);
        notices = List.copyOf(notices);
    }

    /// The same in another tree.
    public ContainerSpec in(Tree other) {
        return new ContainerSpec(
                other,
                mounts,
                uid,
                gid,
                asCaller,
                environment,
                descriptors,
                workingDirectory,
                prefix,
                command,
                share,
                wishes,
                notices);
    }
}
