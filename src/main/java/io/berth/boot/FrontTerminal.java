package io.berth.boot;

import io.berth.cli.Terminal;
import io.berth.fault.FaultException;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The terminal that the front saw.
record FrontTerminal(FrontVariables front) implements Terminal {
    @Override
    public boolean isThere() {
        return front.isTerminal(0) && front.isTerminal(1);
    }

    @Override
    public int lines() {
        return front.lines();
    }

    @Override
    public Optional<String> ask(String question, boolean hidden) {
        Console console = isThere() ? System.console() : null;
        if (console == null) {
            return Optional.empty();
        }
        if (hidden) {
            return Optional.ofNullable(console.readPassword("%s", question)).map(String::new);
        }
        return Optional.ofNullable(console.readLine("%s", question));
    }

    @Override
    public String line() {
        try {
            String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
            return line == null ? "" : line;
        } catch (IOException e) {
            throw FaultException.io("reading the answer", e);
        }
    }

    @Override
    public String input() {
        try {
            return new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw FaultException.io("reading standard input", e);
        }
    }
}
