package io.berth.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What this machine can do, measured once.
///
/// @param hints cheap readings that explain a trial's outcome; they decide nothing
/// @param trials in the order in which they were made
/// @param engines version and path of each that was tried, by its name
public record HostFacts(
        String node,
        String bootId,
        String kernel,
        SequencedMap<String, String> hints,
        List<Trial> trials,
        SequencedMap<String, String> engines) {
    public HostFacts {
        hints = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(hints));
        trials = List.copyOf(trials);
        engines = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(engines));
    }

    /// Of engines that nobody asked.
    public HostFacts(
            String node, String bootId, String kernel, SequencedMap<String, String> hints, List<Trial> trials) {
        this(node, bootId, kernel, hints, trials, new LinkedHashMap<>());
    }
}
