package io.berth.app;

import io.berth.engine.ExecutionMode;
import io.berth.engine.ModeRequest;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.store.Container;
import io.berth.store.StoredMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which mode a container wants: the one asked for, else the one stored in it, else the usual one.
///
/// Source: udocker 1.3, "setup --execmode".
public final class ContainerMode {
    /// All that udocker has.
    static final List<String> KNOWN = List.of("P1", "P2", "F1", "F2", "F3", "F4", "R1", "R2", "R3", "S1");

    private ContainerMode() {}

    /// Errors: HOST_UNFIT when the container is set up for a mode that is not available here.
    ///
    /// @param usual by udocker's name; empty for none
    static ModeRequest wanted(Container container, ModeRequest asked, String usual) {
        Optional<String> stored = StoredMode.of(container.folder());
        stored.filter(ContainerMode::rewritesTree).ifPresent(mode -> {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting container " + container.id() + ": it is set up for mode " + mode
                            + ", which is not available here, and whose files no other mode can use",
                    "set it up for P1 with the tool that set it up");
        });
        if (asked.mode().isPresent()) {
            return asked;
        }
        String mode = stored.orElse(usual);
        return mode.isEmpty() || mode.equalsIgnoreCase("auto")
                ? asked
                : new ModeRequest(
                        Optional.of(available(container, mode)),
                        stored.isPresent() ? "is stored in the container" : "is set as the usual one");
    }

    /// The mode as `ps` and `setup` show it.
    ///
    /// @param usual when none is stored
    public static String shown(java.nio.file.Path containerFolder, String usual) {
        return StoredMode.of(containerFolder).orElse(usual);
    }

    /// Errors: BAD_INPUT for what is no mode of udocker.
    static String parse(String text) {
        String mode = text.strip().toUpperCase(Locale.ROOT);
        if (!KNOWN.contains(mode)) {
            throw FaultException.badInput(
                    "reading execution mode '" + text + "': there is no such mode",
                    Nearest.hint(mode, KNOWN, "modes are " + String.join(", ", KNOWN)));
        }
        return mode;
    }

    static boolean isAvailable(String mode) {
        return ExecutionMode.parse(mode).isServed();
    }

    static boolean rewritesTree(String mode) {
        return mode.startsWith("F");
    }

    private static ExecutionMode available(Container container, String mode) {
        String known = parse(mode);
        if (!isAvailable(known)) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting container " + container.id() + " in mode " + known + ": that mode is not available here",
                    "use --mode=R1, or berth setup --execmode=R1 " + container.id());
        }
        return ExecutionMode.parse(known);
    }
}
