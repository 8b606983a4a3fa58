package io.berth.engine;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// The mode that is used here, and why.
///
/// @param why it, as the end of "MODE: ..."
/// @param rejected every other mode and why not, likewise
public record ModeDecision(ExecutionMode mode, String why, SequencedMap<ExecutionMode, String> rejected) {
    public ModeDecision {
        rejected = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(rejected));
    }
}
