package io.berth.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What this machine can do, measured once.
///
/// @param hints cheap readings that explain a trial's outcome; they decide nothing
/// @param trials in the order of preference
public record HostFacts(
        String node, String bootId, String kernel, SequencedMap<String, String> hints, List<Trial> trials) {
    public HostFacts {
        hints = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(hints));
        trials = List.copyOf(trials);
    }
}
