package io.berth.engine;

import io.berth.process.LaunchPlan;

/// What the host gives the caller of subordinate ids.
@FunctionalInterface
public interface SubIdRanges {
    Found find();

    /// The ranges, or why there are none.
    sealed interface Found {
        record Some(LaunchPlan.SubIds ids) implements Found {}

        /// @param why as the end of "MODE cannot use subordinate ids: ..."
        record None(String why) implements Found {}
    }

    static SubIdRanges none() {
        return () -> new Found.None("nobody has looked for them");
    }
}
