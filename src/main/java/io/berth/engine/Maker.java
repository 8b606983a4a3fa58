package io.berth.engine;

import java.util.Locale;

/// Which program makes the namespaces of R1.
public enum Maker {
    /// `berth-exec`.
    OWN,
    CRUN,
    RUNC;

    /// As `--engine` has it.
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
