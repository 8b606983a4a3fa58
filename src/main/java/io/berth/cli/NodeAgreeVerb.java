package io.berth.cli;

import io.berth.engine.AbleModes;
import io.berth.engine.OneMode;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// `node agree`: one mode for all nodes of a step, of what each said it can do.
final class NodeAgreeVerb implements Verb {
    @Override
    public CommandSpec spec() {
        CommandSpec spec = Model.command("agree", "Print the mode that all nodes of a step can do");
        spec.addPositional(Model.rest(
                "0..*",
                "LINE",
                "what 'node prepare --able' wrote on each node (default: the lines of standard input)"));
        return spec;
    }

    @Override
    public int run(ParseResult parsed, Session session) {
        List<String> lines = Model.positionals(parsed, 0);
        if (lines.isEmpty()) {
            lines = session.toolbox().terminal().input().lines().toList();
        }
        session.out()
                .println(OneMode.of(lines.stream()
                        .filter(line -> !line.isBlank())
                        .map(AbleModes::parse)
                        .toList()));
        return ExitCode.DONE;
    }
}
