package io.berth.engine;

import io.berth.fault.FaultException;
import java.util.Arrays;
import java.util.Locale;

/// How a container comes to be, by udocker's names.
///
/// Source: udocker 1.3, "setup --execmode".
public enum ExecutionMode {
    /// PRoot that is told by a seccomp filter which calls have a path.
    P1,
    /// PRoot that stops at every call.
    P2,
    /// A preloaded library that rewrites paths; the loader of the image starts the program.
    F1,
    /// F1 with a loader that knows no folder of the host.
    F2,
    /// A preloaded library that rewrites paths, in a tree whose programs name its own loader.
    F3,
    /// F3 in which programs that come later are made ready when they start.
    F4,
    /// User and mount namespaces.
    R1,
    /// R1 in which what only root can do is answered as done.
    R2,
    /// PRoot as root inside R1.
    R3,
    /// Apptainer or Singularity.
    S1;

    /// Whether it needs a tree that was made ready for it.
    public boolean needsReadyTree() {
        return name().charAt(0) == 'F';
    }

    /// Errors: BAD_INPUT.
    public static ExecutionMode parse(String text) {
        for (ExecutionMode mode : values()) {
            if (mode.name().equals(text.toUpperCase(Locale.ROOT))) {
                return mode;
            }
        }
        throw FaultException.badInput(
                "reading execution mode '" + text + "': there is no such mode here",
                "use auto, or one of " + Arrays.toString(values()));
    }
}
