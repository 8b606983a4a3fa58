package io.berth.layer;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Counts what could not be made, by kind: told once a kind, not once a file.
final class SkippedEntries {
    enum Kind {
        DEVICES("device nodes"),
        FIFOS("named pipes"),
        NAMES("names that no file can have"),
        RESERVED("names reserved for whiteouts"),
        SPECIAL("sockets and device nodes"),
        UNKNOWN("entries of unknown types"),
        ATTRIBUTES("files with extended attributes that cannot be kept");

        private final String plural;

        Kind(String plural) {
            this.plural = plural;
        }
    }

    private record Tally(long count, String first) {}

    private final Map<Kind, Tally> tallies = new EnumMap<>(Kind.class);

    void add(Kind kind, String name) {
        tallies.merge(kind, new Tally(1, ByteName.shown(name)), (old, one) -> new Tally(old.count + 1, old.first));
    }

    List<String> lines() {
        return tallies.entrySet().stream()
                .map(entry ->
                        entry.getValue().count + " " + entry.getKey().plural + ", first " + entry.getValue().first)
                .toList();
    }

    /// Names come from strangers: no control characters reach a terminal.
    static String printable(String name) {
        String shown = name.length() > 200 ? name.substring(0, 200) + "..." : name;
        return shown.codePoints()
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
