package io.berth.cli;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/// Says what was prepared; nobody when nothing was.
final class Person implements Terminal {
    final Deque<String> answers = new ArrayDeque<>();
    final List<String> asked = new ArrayList<>();
    String input = "";
    boolean there;

    @Override
    public boolean isThere() {
        return there;
    }

    @Override
    public int lines() {
        return 5;
    }

    @Override
    public Optional<String> ask(String question, boolean hidden) {
        asked.add((hidden ? "hidden " : "") + question);
        return there ? Optional.ofNullable(answers.poll()) : Optional.empty();
    }

    @Override
    public String line() {
        return input.lines().findFirst().orElse("");
    }

    @Override
    public String input() {
        return input;
    }
}
