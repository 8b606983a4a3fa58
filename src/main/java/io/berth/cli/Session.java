package io.berth.cli;

import io.berth.progress.Progress;
import java.io.PrintStream;

/// What a command has to work with.
public record Session(Front front, Toolbox toolbox, boolean quiet, PrintStream out, PrintStream err) {
    /// Drawn on a terminal; quiet otherwise.
    Progress progress() {
        return quiet || !front.terminalErr() ? Progress.none() : new ProgressLine(err, front.columns());
    }

    void notice(String line) {
        if (!quiet) {
            err.println(front.name() + ": " + line);
        }
    }
}
