package io.berth.process;

import java.util.List;

/// Which descriptors above 2 the program inherits.
public sealed interface DescriptorPolicy {
    /// Whatever the starter has.
    record All() implements DescriptorPolicy {}

    /// Those whose number stands in these variables of the starter (`PMI_FD`), and no other.
    record NamedBy(List<String> variables) implements DescriptorPolicy {
        public NamedBy {
            variables = List.copyOf(variables);
        }
    }
}
