package io.berth.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// What type of value a key takes. udocker reads all as strings, so that `False` is true there; here each is what it
/// says.
enum Kind {
    TEXT("text"),
    /// Of a file or folder; relative ones count from the working directory.
    FOLDER("a path"),
    /// A path that names the same file on each machine.
    ABSOLUTE("an absolute path"),
    /// The path of a program; `UDOCKER` or nothing for the usual one.
    PROGRAM("an absolute path"),
    NUMBER("a number"),
    LEVEL("a number from -1 to 5"),
    FLAG("neither yes nor no"),
    /// One of the programs that make R1's namespaces.
    ENGINE("one of own, crun, runc"),
    /// One of the batch systems that a job can be written for.
    SCHEDULER("one of slurm, gridengine, pbs, lsf, htcondor"),
    /// Separated by blanks or commas, or a Python list.
    WORDS("a list"),
    /// Words that are execution modes or families of them.
    MODES("a list of modes (P1 P2 F1 F2 F3 F4 R1 R2 R3 S1) and families (P F R S)"),
    /// A Python dictionary, or words `KEY=VALUE`.
    TABLE("a table");

    private final String description;

    Kind(String description) {
        this.description = description;
    }

    /// Ends a message that begins with the key and its value.
    String complaint() {
        return this == FLAG ? "is " + description : "is not " + description;
    }

    /// Whether the default takes the place of nothing. udocker tells the two apart in its flags, texts and paths.
    boolean needsValue() {
        return this == ABSOLUTE || this == NUMBER || this == LEVEL || this == SCHEDULER;
    }

    /// Absent when the literal is no value of this type.
    Optional<Value> read(Literal literal) {
        return switch (this) {
            case WORDS -> words(literal).map(Value.Words::new);
            case MODES -> words(literal).filter(Kind::areModes).map(Value.Words::new);
            case TABLE -> table(literal).map(Value.Table::new);
            case TEXT, FOLDER, ABSOLUTE, PROGRAM, NUMBER, LEVEL, FLAG, ENGINE, SCHEDULER ->
                text(literal).flatMap(this::checked).map(Value.Text::new);
        };
    }

    /// `None` and nothing at all unset a key.
    private static Optional<String> text(Literal literal) {
        return literal instanceof Literal.Text(String text, boolean quoted)
                ? Optional.of(!quoted && text.equals("None") ? "" : text)
                : Optional.empty();
    }

    private Optional<String> checked(String text) {
        boolean good = text.isEmpty()
                || switch (this) {
                    case ABSOLUTE -> text.startsWith("/");
                    case PROGRAM -> text.startsWith("/") || text.equals("UDOCKER");
                    case NUMBER -> text.matches("[0-9]{1,9}");
                    case LEVEL -> text.matches("-1|[0-5]");
                    case FLAG -> flag(text).isPresent();
                    case ENGINE -> text.matches("(?i)own|crun|runc");
                    case SCHEDULER -> text.matches("slurm|gridengine|pbs|lsf|htcondor");
                    case TEXT, FOLDER, WORDS, MODES, TABLE -> true;
                };
        if (!good) {
            return Optional.empty();
        }
        return this == FLAG && !text.isEmpty() ? flag(text) : Optional.of(text);
    }

    private static Optional<String> flag(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "yes", "true", "on", "1" -> Optional.of("True");
            case "no", "false", "off", "0" -> Optional.of("False");
            default -> Optional.empty();
        };
    }

    private static boolean areModes(List<String> words) {
        return words.stream().allMatch(word -> word.matches("(?i)P[12]?|F[1-4]?|R[1-3]?|S1?"));
    }

    /// A list inside the list is one word with blanks: a command with its arguments.
    private static Optional<List<String>> words(Literal literal) {
        if (literal instanceof Literal.Text) {
            return text(literal)
                    .map(text -> Stream.of(text.split("[,\\s]+"))
                            .filter(word -> !word.isEmpty())
                            .toList());
        }
        if (literal instanceof Literal.Items(List<Literal> items)
                && items.stream().allMatch(item -> words(item).isPresent())) {
            return Optional.of(items.stream().map(Kind::word).toList());
        }
        return Optional.empty();
    }

    private static String word(Literal literal) {
        return literal instanceof Literal.Text(String text, boolean _)
                ? text
                : String.join(" ", words(literal).orElse(List.of()));
    }

    private static Optional<SequencedMap<String, List<String>>> table(Literal literal) {
        SequencedMap<String, List<String>> table = new LinkedHashMap<>();
        if (literal instanceof Literal.Pairs(SequencedMap<String, Literal> pairs)) {
            for (Map.Entry<String, Literal> pair : pairs.entrySet()) {
                Optional<List<String>> words = pair.getValue() instanceof Literal.Text(String text, boolean _)
                        ? Optional.of(List.of(text))
                        : words(pair.getValue());
                if (words.isEmpty()) {
                    return Optional.empty();
                }
                table.put(pair.getKey(), words.get());
            }
            return Optional.of(table);
        }
        for (String word : words(literal).orElse(List.of("="))) {
            int equals = word.indexOf('=');
            if (equals <= 0) {
                return Optional.empty();
            }
            table.put(word.substring(0, equals), List.of(word.substring(equals + 1)));
        }
        return Optional.of(table);
    }
}
