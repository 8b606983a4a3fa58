package io.berth.engine;

/// What came of starting a small program in one mode, from the place that holds trees.
///
/// @param conclusive false when it took too long: a busy machine says nothing of the mode, so it is not remembered
/// @param finding `works`, or the first line of what went wrong
public record Trial(ExecutionMode mode, boolean works, boolean conclusive, String finding, long tookMillis) {}
