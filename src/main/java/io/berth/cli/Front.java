package io.berth.cli;

import java.nio.file.Path;

/// What the native front found before it started this JVM.
///
/// @param name under which berth was called, `berth` or `udocker`
/// @param home folder of the distribution
/// @param uid effective
/// @param rootAllowed by `BERTH_ALLOW_ROOT=1`, as the command line may with --allow-root
/// @param terminalOut whether standard output is a terminal
/// @param terminalErr whether standard error is a terminal
/// @param columns of the terminal, 80 when there is none
/// @param cached `yes` when `run` with the words of `explain` would start from a kept plan, else why not
public record Front(
        String name,
        Path home,
        long uid,
        boolean rootAllowed,
        boolean terminalOut,
        boolean terminalErr,
        int columns,
        String cached) {
    /// For commands that look for no kept plan.
    public Front(
            String name,
            Path home,
            long uid,
            boolean rootAllowed,
            boolean terminalOut,
            boolean terminalErr,
            int columns) {
        this(name, home, uid, rootAllowed, terminalOut, terminalErr, columns, "");
    }
}
