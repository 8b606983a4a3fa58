package io.berth.fake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Expects a fault, of the form that every fault has: one line, no class names.
public final class Faults {
    private Faults() {}

    public static FaultException expect(Fault fault, ThrowingCallable action) {
        FaultException thrown = catchThrowableOfType(FaultException.class, action);
        assertThat(thrown).as("a fault").isNotNull();
        assertThat(thrown.fault()).as(thrown.getMessage()).isEqualTo(fault);
        assertThat(thrown.getMessage())
                .doesNotContain("\n")
                .doesNotContain("Exception")
                .contains(": ");
        return thrown;
    }
}
