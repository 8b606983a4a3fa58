package io.berth.config;

/// A key's value, and where it came from.
///
/// @param source `default`, `FILE:LINE`, the name of a variable, or `the command line`
public record Setting(Key key, Value value, String source) {
    /// As Python would print it, without passwords of URLs; `None` when it is not set.
    public String shown() {
        return withoutPassword(value.shown());
    }

    private static String withoutPassword(String text) {
        return text.replaceAll("//[^/@\\s]*@", "//***@");
    }

    /// The value in Java's types, without passwords of URLs, null when it is not set.
    public @org.jspecify.annotations.Nullable Object plain() {
        if (value instanceof Value.Words(java.util.List<String> words)) {
            return words;
        }
        if (value instanceof Value.Table(java.util.SequencedMap<String, java.util.List<String>> rows)) {
            return rows;
        }
        String text = ((Value.Text) value).text();
        if (text.isEmpty()) {
            return null;
        }
        return switch (key.kind()) {
            case NUMBER, LEVEL -> Long.valueOf(text);
            case FLAG -> text.equals("True");
            case TEXT, FOLDER, ABSOLUTE, PROGRAM, ENGINE, SCHEDULER, WORDS, MODES, TABLE -> withoutPassword(text);
        };
    }
}
