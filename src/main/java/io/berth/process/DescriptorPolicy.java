package io.berth.process;

import java.util.List;

/// Which descriptors above 2 the program inherits.
public sealed interface DescriptorPolicy {
    /// Its lines in a plan.
    List<List<String>> lines();

    /// Whatever the starter has.
    record All() implements DescriptorPolicy {
        @Override
        public List<List<String>> lines() {
            return List.of(List.of("keep-fd", "all"));
        }
    }

    /// Those whose number stands in these variables of the starter (`PMI_FD`), and no other.
    record NamedBy(List<String> variables) implements DescriptorPolicy {
        public NamedBy {
            variables = List.copyOf(variables);
        }

        @Override
        public List<List<String>> lines() {
            return variables.stream()
                    .map(variable -> List.of("keep-fd-env", variable))
                    .toList();
        }
    }
}
