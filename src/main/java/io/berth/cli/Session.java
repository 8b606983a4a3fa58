package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.progress.Progress;
import java.io.PrintStream;
import java.util.List;

/// What a command has to work with.
///
/// @param verbosity -1 nothing, 0 errors, 1 results, 2 warnings, 3 information, 4 more of it, 5 all
/// @param out takes results; swallows them below level 1
public record Session(Front front, Toolbox toolbox, int verbosity, PrintStream out, PrintStream err) {
    /// Whether only what was asked for is said.
    boolean quiet() {
        return verbosity < 3;
    }

    /// What slow commands tell while they work, unless they are to be quiet.
    Progress progress() {
        return quiet()
                ? Progress.none()
                : new ProgressLine(err, front.name(), front.terminalErr(), front.columns(), System::nanoTime);
    }

    /// What the user should know, on standard error.
    void notice(String line) {
        err.print(noticed(List.of(line)));
    }

    /// The same as text.
    String noticed(List<String> lines) {
        StringBuilder text = new StringBuilder();
        if (verbosity >= 2) {
            lines.forEach(
                    line -> text.append(front.name()).append(": ").append(line).append('\n'));
        }
        return text.toString();
    }

    /// A fault that does not end the command.
    void complain(FaultException fault) {
        if (verbosity >= 0) {
            err.print(Complaint.text(
                    front.name(),
                    String.valueOf(fault.getMessage()),
                    fault.hint().orElse(null)));
            err.flush();
        }
        if (verbosity >= 5) {
            fault.printStackTrace(err);
        }
    }

    /// What was looked for and found, one line of it.
    void problem(String line) {
        if (verbosity >= 0) {
            err.print(Complaint.text(front.name(), line, null));
            err.flush();
        }
    }

    /// What happens, among the results, as udocker says it.
    void info(String line) {
        if (!quiet()) {
            out.println("Info: " + line);
        }
    }
}
