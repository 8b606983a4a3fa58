package io.berth.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Reads a value of a configuration file: quoted text, lists, tuples and dictionaries as Python writes them, or bare
/// text.
final class LiteralParser {
    private static final int DEEPEST = 8;

    private final String text;
    private int at;

    private LiteralParser(String text) {
        this.text = text;
    }

    /// Absent when it begins as a quoted value, a list or a dictionary and does not end as one.
    static Optional<Literal> parse(String text) {
        String stripped = text.strip();
        if (stripped.isEmpty() || "'\"[({".indexOf(stripped.charAt(0)) < 0) {
            return Optional.of(new Literal.Text(stripped, false));
        }
        LiteralParser parser = new LiteralParser(stripped);
        try {
            Literal literal = parser.value(0);
            parser.blanks();
            return parser.at == stripped.length() ? Optional.of(literal) : Optional.empty();
        } catch (Malformed e) {
            return Optional.empty();
        }
    }

    private static final class Malformed extends Exception {}

    private Literal value(int depth) throws Malformed {
        if (depth > DEEPEST) {
            throw new Malformed();
        }
        return switch (peek()) {
            case '\'', '"' -> strings();
            case '[' -> new Literal.Items(items(']', depth).items());
            case '(' -> tuple(depth);
            case '{' -> pairs(depth);
            default -> bare();
        };
    }

    /// Brackets around one value and no comma only group it, as in Python.
    private Literal tuple(int depth) throws Malformed {
        Listed listed = items(')', depth);
        return listed.items().size() == 1 && !listed.commas()
                ? listed.items().getFirst()
                : new Literal.Items(listed.items());
    }

    private record Listed(List<Literal> items, boolean commas) {}

    private Listed items(char end, int depth) throws Malformed {
        at++;
        List<Literal> items = new ArrayList<>();
        boolean commas = false;
        while (peek() != end) {
            items.add(value(depth + 1));
            if (peek() == ',') {
                at++;
                commas = true;
            } else if (peek() != end) {
                throw new Malformed();
            }
        }
        at++;
        return new Listed(items, commas);
    }

    private Literal pairs(int depth) throws Malformed {
        at++;
        SequencedMap<String, Literal> pairs = new LinkedHashMap<>();
        while (peek() != '}') {
            if (!(value(depth + 1) instanceof Literal.Text(String key, boolean _)) || peek() != ':') {
                throw new Malformed();
            }
            at++;
            pairs.put(key, value(depth + 1));
            if (peek() == ',') {
                at++;
            } else if (peek() != '}') {
                throw new Malformed();
            }
        }
        at++;
        return new Literal.Pairs(pairs);
    }

    /// Texts that follow each other are one.
    private Literal strings() throws Malformed {
        StringBuilder joined = new StringBuilder();
        do {
            joined.append(string(text.charAt(at)));
            blanks();
        } while (at < text.length() && (text.charAt(at) == '\'' || text.charAt(at) == '"'));
        return new Literal.Text(joined.toString(), true);
    }

    private String string(char quote) throws Malformed {
        StringBuilder string = new StringBuilder();
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return string.toString();
            }
            boolean escape = c == '\\' && at + 1 < text.length() && "\\'\"".indexOf(text.charAt(at + 1)) >= 0;
            string.append(escape ? text.charAt(++at) : c);
        }
        throw new Malformed();
    }

    /// A number, True, False or None.
    private Literal bare() throws Malformed {
        int begin = at;
        while (at < text.length()
                && ",:])}#".indexOf(text.charAt(at)) < 0
                && !Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        if (begin == at) {
            throw new Malformed();
        }
        return new Literal.Text(text.substring(begin, at), false);
    }

    private char peek() throws Malformed {
        blanks();
        if (at >= text.length()) {
            throw new Malformed();
        }
        return text.charAt(at);
    }

    /// Passes over comments, too.
    private void blanks() {
        while (at < text.length() && (Character.isWhitespace(text.charAt(at)) || text.charAt(at) == '#')) {
            if (text.charAt(at) == '#') {
                int end = text.indexOf('\n', at);
                at = end < 0 ? text.length() : end;
            } else {
                at++;
            }
        }
    }
}
