package io.berth.engine;

import java.util.List;

/// The mode that is used here, and why.
///
/// @param reasons one sentence each, for `berth explain`
public record ModeDecision(ExecutionMode mode, List<String> reasons) {
    public ModeDecision {
        reasons = List.copyOf(reasons);
    }
}
