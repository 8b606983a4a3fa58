package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// Prints what a shell needs to complete berth's command lines; the distribution has the same as files.
final class CompletionVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("completion", "Print the script that completes commands in a shell");
        spec.addPositional(Model.choice("SHELL", "bash, zsh or fish", CompletionScripts.SHELLS));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        String shell = Model.positional(parsed, 0);
        if (!CompletionScripts.SHELLS.contains(shell)) {
            throw FaultException.badInput(
                    "printing the completion for '" + shell + "': there is none",
                    Nearest.hint(shell, CompletionScripts.SHELLS, "say bash, zsh or fish"));
        }
        Grammar program = Grammar.of(parsed.commandSpec().root().commandLine());
        session.out().print(new CompletionScripts(program).of(shell));
        return ExitCode.DONE;
    }

    @Override
    public boolean isHarmless() {
        return true;
    }
}
