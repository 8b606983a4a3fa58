package io.berth.cli;

import io.berth.fault.Fault;

/// Exit statuses; the table is in docs/exit-codes.md.
final class ExitCode {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NOT_STARTED = 125;
    static final int INTERRUPTED = 143;

    private ExitCode() {}

    /// @param runsProgram whether the command's status is otherwise the program's own
    static int of(Fault fault, boolean runsProgram) {
        if (fault == Fault.INTERRUPTED) {
            return INTERRUPTED;
        }
        if (runsProgram) {
            return NOT_STARTED;
        }
        return switch (fault) {
            case BAD_INPUT -> USAGE;
            case NOT_FOUND, NOT_ALLOWED, UNREACHABLE, CORRUPT, BUSY, NO_SPACE, HOST_UNFIT, INTERRUPTED -> FAILED;
        };
    }
}
