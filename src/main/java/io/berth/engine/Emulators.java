package io.berth.engine;

import java.nio.file.Path;
import java.util.Optional;

/// Where programs for other processors are emulated.
@FunctionalInterface
public interface Emulators {
    /// The program of this host that runs those of a machine, as `uname -m` names it.
    Optional<Path> forMachine(String machine);

    /// Why nothing runs programs of a machine, as the end of "MODE cannot ...".
    default String missing(String machine) {
        return "run programs for " + machine + ": there is no qemu-" + machine
                + "-static here; install qemu-user-static";
    }

    static Emulators none() {
        return _ -> Optional.empty();
    }
}
