package io.berth.cli;

import java.util.Optional;

/// The person at the terminal, if there is one.
public interface Terminal {
    /// Whether standard input and output both are a terminal.
    boolean isThere();

    /// Lines that the terminal shows.
    int lines();

    /// What someone types after the question, without the line's end; empty when nobody is there.
    ///
    /// @param hidden without showing it
    Optional<String> ask(String question, boolean hidden);

    /// The next line of standard input, which need not be a terminal; empty at its end.
    String line();

    /// All of standard input, as text.
    String input();
}
