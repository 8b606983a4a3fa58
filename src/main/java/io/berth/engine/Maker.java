package io.berth.engine;

/// Which program makes the namespaces of R1.
public enum Maker {
    /// `berth-exec`.
    OWN,
    CRUN,
    RUNC
}
