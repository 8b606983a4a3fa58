package io.berth.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Writes JSON as udocker prints it: an indent of four, `,` and `: ` between, characters beyond ASCII escaped.
///
/// Source: udocker 1.3, "inspect"; Python 3, json.dumps.
public final class JsonText {
    private final StringBuilder out = new StringBuilder();

    private JsonText() {}

    /// The same value with the keys of each object sorted.
    ///
    /// @throws IOException when the text is not one JSON value
    public static String sorted(String json) throws IOException {
        JsonText text = new JsonText();
        text.node(JsonTree.parse(json), 0);
        return text.out.toString();
    }

    /// @param value maps (in their order), lists, text, numbers, booleans and null
    public static String of(@Nullable Object value) {
        JsonText text = new JsonText();
        text.value(value, 0);
        return text.out.toString();
    }

    private void node(JsonNode node, int depth) {
        if (node.isObject()) {
            Map<String, JsonNode> sorted = new TreeMap<>();
            node.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
            members(sorted, depth);
        } else if (node.isArray()) {
            elements(node, depth);
        } else if (node.isTextual()) {
            string(node.asText());
        } else {
            out.append(node.asText());
        }
    }

    private void value(@Nullable Object value, int depth) {
        if (value instanceof JsonNode node) {
            node(node, depth);
        } else if (value instanceof Map<?, ?> map) {
            members(map, depth);
        } else {
            listOrScalar(value, depth);
        }
    }

    private void listOrScalar(@Nullable Object value, int depth) {
        if (value instanceof Iterable<?> list) {
            elements(list, depth);
        } else if (value instanceof String string) {
            string(string);
        } else {
            out.append(value);
        }
    }

    private void members(Map<?, ?> members, int depth) {
        if (members.isEmpty()) {
            out.append("{}");
            return;
        }
        String separator = "{";
        for (Map.Entry<?, ?> member : members.entrySet()) {
            out.append(separator);
            line(depth + 1);
            string(String.valueOf(member.getKey()));
            out.append(": ");
            value(member.getValue(), depth + 1);
            separator = ",";
        }
        line(depth);
        out.append('}');
    }

    private void elements(Iterable<?> elements, int depth) {
        Iterator<?> each = elements.iterator();
        if (!each.hasNext()) {
            out.append("[]");
            return;
        }
        String separator = "[";
        while (each.hasNext()) {
            out.append(separator);
            line(depth + 1);
            value(each.next(), depth + 1);
            separator = ",";
        }
        line(depth);
        out.append(']');
    }

    private void line(int depth) {
        out.append('\n').repeat("    ", depth);
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        out.append('"');
    }

    private void character(char c) {
        int known = "\"\\\n\r\t\b\f".indexOf(c);
        if (known >= 0) {
            out.append('\\').append("\"\\nrtbf".charAt(known));
        } else if (c < ' ' || c > '~') {
            out.append("\\u");
            for (int shift = 12; shift >= 0; shift -= 4) {
                out.append("0123456789abcdef".charAt(c >> shift & 0xf));
            }
        } else {
            out.append(c);
        }
    }
}
