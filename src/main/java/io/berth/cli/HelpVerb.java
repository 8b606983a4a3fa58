package io.berth.cli;

import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `help` and `help COMMAND...`: the same as `--help`.
final class HelpVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("help", "Show all commands, or the options of one");
        spec.addPositional(Model.rest("0..*", "COMMAND", "the command"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        CommandLine shown = parsed.commandSpec().parent().commandLine();
        for (String word : Model.positionals(parsed, 0)) {
            CommandLine next = shown.getSubcommands().get(word);
            if (next == null) {
                throw FaultException.badInput(
                        "showing help: there is no command '" + word + "'",
                        Nearest.hint(
                                word,
                                shown.getSubcommands().keySet(),
                                shown.getCommandSpec().qualifiedName() + " --help lists them"));
            }
            shown = next;
        }
        shown.usage(session.out());
        return ExitCode.DONE;
    }

    @Override
    public boolean isHarmless() {
        return true;
    }
}
