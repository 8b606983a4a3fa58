package io.berth.cli;

import java.nio.file.Path;

/// What the native front found before it started this JVM.
///
/// @param name under which berth was called, `berth` or `udocker`
/// @param home folder of the distribution
/// @param uid effective
/// @param terminalErr whether standard error is a terminal
/// @param columns of the terminal, 80 when there is none
public record Front(String name, Path home, long uid, boolean terminalErr, int columns) {}
