package io.berth.layer;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;

/// Words the faults of damaged and hostile archives.
final class Corrupt {
    private static final String HINT = "get it again; if it stays so, it is damaged where it comes from";

    private Corrupt() {}

    static FaultException archive(String why) {
        return FaultException.of(Fault.CORRUPT, why, HINT);
    }

    static FaultException archive(String why, Throwable cause) {
        return FaultException.of(Fault.CORRUPT, why, HINT, cause);
    }

    static FaultException entry(String name, String why) {
        return archive("entry '" + ByteName.shown(name) + "': " + why);
    }

    static FaultException tooEarly() {
        return archive("the archive ends too early");
    }

    /// @param setting that holds the limit
    static FaultException limit(String why, String setting) {
        return FaultException.of(
                Fault.CORRUPT, why, "if the image is honest, raise " + setting + " in the configuration");
    }
}
