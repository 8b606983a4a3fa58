package io.berth.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// A value of the type that its key takes.
sealed interface Value {
    /// As Python would print it, which is how udocker shows it.
    String shown();

    /// Empty when unset; flags are `True` or `False`.
    record Text(String text) implements Value {
        @Override
        public String shown() {
            return text.isEmpty() ? "None" : text;
        }
    }

    record Words(List<String> words) implements Value {
        public Words {
            words = List.copyOf(words);
        }

        @Override
        public String shown() {
            return words.stream().map(Value::quoted).collect(Collectors.joining(", ", "[", "]"));
        }
    }

    record Table(SequencedMap<String, List<String>> rows) implements Value {
        public Table {
            rows = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(rows));
        }

        @Override
        public String shown() {
            return rows.entrySet().stream()
                    .map(row -> quoted(row.getKey()) + ": "
                            + (row.getValue().size() == 1
                                    ? quoted(row.getValue().getFirst())
                                    : new Words(row.getValue()).shown()))
                    .collect(Collectors.joining(", ", "{", "}"));
        }
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
