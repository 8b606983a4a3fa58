package io.berth.engine;

import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/// In which order modes are considered when none is asked for; a mode that is left out is never taken unasked.
///
/// @param source who made it, as in "the order of SOURCE"
public record ModeOrder(List<ExecutionMode> modes, String source) {
    /// Fastest first; what changes a tree or costs at each call comes after what does not.
    private static final List<ExecutionMode> FOR_JOBS = List.of(
            ExecutionMode.R1,
            ExecutionMode.F3,
            ExecutionMode.F4,
            ExecutionMode.F2,
            ExecutionMode.F1,
            ExecutionMode.P1,
            ExecutionMode.P2,
            ExecutionMode.R2,
            ExecutionMode.R3,
            ExecutionMode.S1);

    public ModeOrder {
        modes = List.copyOf(modes);
    }

    public static ModeOrder forJobs() {
        return new ModeOrder(FOR_JOBS, "jobs");
    }

    /// For a user's own container: the mode that udocker would take, and the others when it does not work.
    public static ModeOrder forRun(ExecutionMode usual) {
        SequencedSet<ExecutionMode> modes = new LinkedHashSet<>(List.of(usual));
        modes.addAll(FOR_JOBS);
        return new ModeOrder(List.copyOf(modes), "'berth run'");
    }

    /// @param words modes by name, or `P`, `F`, `R` for those of a family that are not named
    public static ModeOrder parse(List<String> words, String source) {
        List<ExecutionMode> named = new ArrayList<>();
        for (String word : words) {
            if (word.length() != 1) {
                named.add(ExecutionMode.parse(word));
            }
        }
        SequencedSet<ExecutionMode> modes = new LinkedHashSet<>();
        for (String word : words) {
            if (word.length() != 1) {
                modes.add(ExecutionMode.parse(word));
                continue;
            }
            List<ExecutionMode> family = FOR_JOBS.stream()
                    .filter(mode -> mode.name().startsWith(word.toUpperCase(java.util.Locale.ROOT)))
                    .filter(mode -> !named.contains(mode))
                    .toList();
            if (FOR_JOBS.stream().noneMatch(mode -> mode.name().startsWith(word.toUpperCase(java.util.Locale.ROOT)))) {
                throw FaultException.badInput(
                        "reading the order of modes: '" + word + "' is no mode and no family of modes",
                        "name modes, or P, F or R for a family");
            }
            modes.addAll(family);
        }
        return new ModeOrder(List.copyOf(modes), source);
    }
}
