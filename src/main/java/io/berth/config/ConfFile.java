package io.berth.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/// The lines of one configuration file: `key = value` or `key: value`, comments, section headers.
///
/// udocker's files are what Python's configparser reads: an indented line goes on with the value before it, a doubled
/// per cent sign stands for one, and only the section DEFAULT counts. A file without a section header is fine here.
/// Source: udocker 1.3, "Configuration"; Python 3, configparser.
final class ConfFile {
    /// @param place `FILE:LINE` for messages
    record Entry(String key, String text, String place) {}

    private final Path file;
    private final boolean udockers;
    private final Consumer<String> problems;
    private final List<Entry> entries = new ArrayList<>();
    private boolean inDefault = true;
    private boolean open;

    private ConfFile(Path file, boolean udockers, Consumer<String> problems) {
        this.file = file;
        this.udockers = udockers;
        this.problems = problems;
    }

    static List<Entry> entries(Path file, String text, boolean udockers, Consumer<String> problems) {
        ConfFile conf = new ConfFile(file, udockers, problems);
        int number = 0;
        for (String line : text.lines().toList()) {
            conf.line(line, ++number);
        }
        return conf.entries;
    }

    private void line(String line, int number) {
        String text = line.strip();
        if (text.isEmpty()) {
            open = false;
        } else if (text.charAt(0) != '#' && text.charAt(0) != ';') {
            if (udockers && open && Character.isWhitespace(line.charAt(0))) {
                Entry before = entries.removeLast();
                entries.add(new Entry(before.key(), before.text() + "\n" + unescaped(text), before.place()));
            } else if (text.charAt(0) == '[' && text.endsWith("]") && text.indexOf('=') < 0) {
                inDefault = text.equals("[DEFAULT]");
                open = false;
            } else if (inDefault) {
                keyAndValue(text, file + ":" + number);
            }
        }
    }

    private void keyAndValue(String text, String place) {
        int equals = text.indexOf('=');
        int colon = udockers ? text.indexOf(':') : -1;
        int end = equals < 0 || (colon >= 0 && colon < equals) ? colon : equals;
        open = end > 0;
        if (end <= 0) {
            problems.accept(place + ": '" + text + "' is not 'key = value'");
            return;
        }
        String key = text.substring(0, end).strip().toLowerCase(Locale.ROOT);
        entries.add(new Entry(key, unescaped(text.substring(end + 1).strip()), place));
    }

    private String unescaped(String text) {
        return udockers ? text.replace("%%", "%") : text;
    }
}
