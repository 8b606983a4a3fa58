package io.berth.engine;

import java.util.Optional;

/// The mode a user or administrator wants; absent means `auto`.
///
/// @param because why it is wanted, as in "P1 BECAUSE"
public record ModeRequest(Optional<ExecutionMode> mode, String because) {
    public ModeRequest(Optional<ExecutionMode> mode) {
        this(mode, "was asked for");
    }

    /// What the nodes of a step settled on.
    public static ModeRequest agreed(String mode) {
        return new ModeRequest(Optional.of(ExecutionMode.parse(mode)), "was agreed on by the nodes of the step");
    }

    public static ModeRequest parse(String text) {
        return new ModeRequest(
                text.equalsIgnoreCase("auto") ? Optional.empty() : Optional.of(ExecutionMode.parse(text)));
    }
}
