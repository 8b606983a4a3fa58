package io.berth.boot;

import io.berth.cli.Front;
import io.berth.container.HostUser;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// The variables in which the native front says what it found (`BERTH_FRONT_*`).
record FrontVariables(Map<String, String> environment) {
    Front front() {
        return new Front(
                value("NAME", "berth"),
                home(),
                number("UID", 0),
                isAmongIds() || environment.getOrDefault("BERTH_ALLOW_ROOT", "").equals("1"),
                value("TTY", "").contains("1"),
                value("TTY", "").contains("2"),
                (int) number("COLUMNS", 80),
                value("CACHED", "it is off, or this run is one that is not kept"));
    }

    /// The words with those that the front kept out of sight of other users.
    String[] shown(String... words) {
        String[] shown = words.clone();
        for (int i = 0; i < words.length; i++) {
            shown[i] = value("HIDDEN_" + i, words[i]);
        }
        return shown;
    }

    long uid() {
        return number("UID", 0);
    }

    /// Whether this standard descriptor is a terminal.
    boolean isTerminal(int descriptor) {
        return value("TTY", "").contains(Integer.toString(descriptor));
    }

    int lines() {
        return (int) number("LINES", 24);
    }

    Path home() {
        return Path.of(value("HOME", "/"));
    }

    /// Whether the JVM was started with options that suit short commands only.
    boolean isQuick() {
        return value("QUICK", "").equals("1");
    }

    /// Whether the caller is user 0 of a namespace in which his subordinate ids are his too.
    boolean isAmongIds() {
        return value("IDS", "").equals("1");
    }

    OptionalInt answer() {
        String text = value("FD", "");
        return text.isEmpty() ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(text));
    }

    /// Where a plan of this command line is to be kept.
    Optional<Path> plan() {
        String text = value("PLAN", "");
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    HostUser caller() {
        long uid = number("UID", 0);
        List<Long> groups = Arrays.stream(value("GROUPS", "").split(" "))
                .filter(text -> !text.isEmpty())
                .map(Long::valueOf)
                .toList();
        String name = environment.getOrDefault("USER", environment.getOrDefault("LOGNAME", ""));
        AccountNames.Account account = name.isEmpty() || !environment.containsKey("HOME")
                ? AccountNames.of(uid)
                : new AccountNames.Account(name, environment.getOrDefault("HOME", "/"));
        return new HostUser(uid, number("GID", 0), groups, account.name(), account.home());
    }

    private long number(String name, long fallback) {
        String text = value(name, "");
        return text.matches("[0-9]{1,10}") ? Long.parseLong(text) : fallback;
    }

    private String value(String name, String fallback) {
        return environment.getOrDefault("BERTH_FRONT_" + name, fallback);
    }
}
