package io.berth.engine;

import java.util.Optional;

/// The mode a user or administrator wants; absent means `auto`.
public record ModeRequest(Optional<ExecutionMode> mode) {
    public static ModeRequest parse(String text) {
        return new ModeRequest(
                text.equalsIgnoreCase("auto") ? Optional.empty() : Optional.of(ExecutionMode.parse(text)));
    }
}
