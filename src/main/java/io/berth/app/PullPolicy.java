package io.berth.app;

import io.berth.fault.FaultException;
import java.util.Locale;

/// When `run` fetches an image.
///
/// Source: udocker 1.3, `run --pull`.
public enum PullPolicy {
    /// When it is not here.
    MISSING,
    NEVER,
    /// Also when it is here: its tag may have moved.
    ALWAYS,
    /// As MISSING; and a container that has the wanted name already is used as it is.
    REUSE;

    /// Errors: BAD_INPUT.
    public static PullPolicy parse(String text) {
        for (PullPolicy policy : values()) {
            if (policy.name().toLowerCase(Locale.ROOT).equals(text)) {
                return policy;
            }
        }
        throw FaultException.badInput(
                "reading --pull=" + text + ": there is no such policy", "use missing, never, always or reuse");
    }
}
