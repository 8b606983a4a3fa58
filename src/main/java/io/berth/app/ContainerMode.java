package io.berth.app;

import io.berth.engine.ExecutionMode;
import io.berth.engine.ModeRequest;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.ready.ReadyContainer;
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
    public static final List<String> KNOWN = List.of("P1", "P2", "F1", "F2", "F3", "F4", "R1", "R2", "R3", "S1");

    private ContainerMode() {}

    /// Errors: HOST_UNFIT when the container is set up for a mode that is not available here, or not for the one asked
    /// for.
    ///
    /// @param usual by udocker's name; empty for none
    static ModeRequest wanted(Container container, ModeRequest asked, String usual) {
        refuseIfInterrupted(container);
        Optional<String> stored = StoredMode.of(container.folder());
        stored.filter(ContainerMode::rewritesTree).ifPresent(mode -> refuseUnlessReady(container, mode, asked));
        if (asked.mode().isPresent()) {
            return asked;
        }
        String mode = stored.orElse(usual);
        return mode.isEmpty() || mode.equalsIgnoreCase("auto")
                ? asked
                : new ModeRequest(
                        Optional.of(ExecutionMode.parse(parse(mode))),
                        stored.isPresent() ? "is stored in the container" : "is set as the usual one");
    }

    /// A tree that was changed for one mode is of no use in another, nor at another place.
    private static void refuseUnlessReady(Container container, String mode, ModeRequest asked) {
        asked.mode().filter(other -> !other.name().equals(mode)).ifPresent(other -> {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting container " + container.id() + " in mode " + other + ": its files are changed for mode "
                            + mode,
                    "leave --mode out, or use: berth setup --execmode=" + other + " " + container.id());
        });
        boolean moved = (mode.equals("F3") || mode.equals("F4")) && !StoredMode.isInPlace(container);
        if (moved) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting container " + container.id() + " in mode " + mode
                            + ": it was set up at another place, whose path its programs hold",
                    "berth setup --execmode=" + mode + " --force " + container.id());
        }
    }

    /// Errors: HOST_UNFIT when a change of its files was begun and not ended.
    static void refuseIfInterrupted(Container container) {
        if (new ReadyContainer(container.folder()).isInterrupted()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "starting container " + container.id() + ": a setup of it was interrupted, or is at work",
                    "do it again: berth setup --execmode=P1 --force " + container.id() + ", or any other mode");
        }
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

    static boolean rewritesTree(String mode) {
        return mode.startsWith("F");
    }
}
