package io.berth.cli;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/// One command of the command line.
///
/// The model is built by code: annotations would make proxy classes at each start, which no cache can hold.
interface Verb {
    CommandSpec spec();

    /// @param parsed of this command
    int run(ParseResult parsed, Session session);

    /// Commands below this one; it then only leads to them.
    default List<Verb> verbs() {
        return List.of();
    }

    /// Whether the exit status is otherwise that of the user's program.
    default boolean runsProgram() {
        return false;
    }

    /// Whether root may use it without --allow-root: commands that touch no repository.
    default boolean isHarmless() {
        return false;
    }
}
