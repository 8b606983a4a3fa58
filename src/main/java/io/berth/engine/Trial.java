package io.berth.engine;

/// What came of starting a small program in one mode, from the place that holds trees.
///
/// @param finding `works`, or the first line of what went wrong
public record Trial(ExecutionMode mode, boolean works, String finding, long tookMillis) {}
