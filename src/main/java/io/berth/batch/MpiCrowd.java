package io.berth.batch;

import io.berth.elf.MpiLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/// More ranks on a node than processors, where those that wait keep the others from working.
///
/// @param text what may happen then, and what helps
/// @param processors of the node
public record MpiCrowd(String text, int processors) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    /// MPICH's ranks wait by asking again and again, and each question stops them in this mode.
    ///
    /// Source: tried with MPICH 4.0.2 (docs/adr/20261126-own-proot.md); Open MPI 4.1.4 was not seen to suffer.
    private static final String STOPS_EACH_CALL = "P2";

    /// @param mode the one that is taken
    /// @param processors of the node, asked for where they matter
    /// @return empty where nothing is against it
    public static Optional<MpiCrowd> of(List<MpiLibrary> found, MpiStep step, String mode, IntSupplier processors) {
        if (!mode.equals(STOPS_EACH_CALL) || step.areAlone()) {
            return Optional.empty();
        }
        return found.stream()
                .filter(library -> library.kind() == MpiLibrary.Kind.MPICH)
                .findFirst()
                .map(library -> new MpiCrowd(
                        library.shown() + " in " + mode
                                + " may be slow or hang, since ranks that wait keep others from working;"
                                + " take another mode, or fewer ranks a node",
                        processors.getAsInt()));
    }

    /// For `explain`.
    public String line() {
        return "more ranks on a node than its " + processors + " processors: " + text;
    }

    /// For the user, when this step has too many.
    public Optional<String> warning(MpiStep step) {
        return step.ranksOfNode() <= processors
                ? Optional.empty()
                : Optional.of(step.ranksOfNode() + " ranks on a node of " + processors + " processors: " + text);
    }

    /// Of this node, however few of them are for this process.
    ///
    /// Source: proc(5).
    public static int processorsHere() {
        try (var lines = Files.lines(PROCESSORS)) {
            return Math.max(1, (int)
                    lines.filter(line -> line.matches("processor\\s*:.*")).count());
        } catch (IOException e) {
            return Runtime.getRuntime().availableProcessors();
        }
    }
}
