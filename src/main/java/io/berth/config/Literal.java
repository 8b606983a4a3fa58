package io.berth.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// A value as it was written, before its key's type is known.
sealed interface Literal {
    record Text(String text, boolean quoted) implements Literal {}

    record Items(List<Literal> items) implements Literal {
        public Items {
            items = List.copyOf(items);
        }
    }

    record Pairs(SequencedMap<String, Literal> pairs) implements Literal {
        public Pairs {
            pairs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(pairs));
        }
    }

    /// Text as it is, for sources that know no quotes: the environment and the command line.
    static Literal plain(String text) {
        return new Text(text, false);
    }
}
