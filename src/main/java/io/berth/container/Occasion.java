package io.berth.container;

import io.berth.process.LaunchPlan;
import io.berth.process.Mount;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// For what the container is started; decides the defaults.
public sealed interface Occasion {
    /// `berth run`: as udocker does it, root inside unless another user is asked for.
    ///
    /// @param names of the container, for the variables that udocker sets
    record Run(String containerId, List<String> names) implements Occasion {
        public Run {
            names = List.copyOf(names);
        }
    }

    /// A step of a batch job: the caller's own id, its launcher's variables and descriptors.
    ///
    /// @param workingDirectory on the host, shown at the same path
    /// @param mounts the launcher needs inside
    /// @param descriptorVariables that hold the number of a descriptor the launcher passes
    /// @param variables set unless the launcher or the user sets them
    /// @param share where the step's ranks of this node meet
    record Step(
            String workingDirectory,
            List<Mount> mounts,
            List<String> descriptorVariables,
            SequencedMap<String, String> variables,
            Optional<LaunchPlan.Share> share)
            implements Occasion {
        public Step {
            mounts = List.copyOf(mounts);
            descriptorVariables = List.copyOf(descriptorVariables);
            variables = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(variables));
        }
    }
}
