package io.berth.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/// Writes JSON as Python's json module does, since that is what udocker writes and prints: ASCII only, in one line
/// with a blank after each comma and colon, or indented by four blanks with sorted keys.
public final class PythonJson {
    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder();
    private final boolean indented;

    private PythonJson(boolean indented) {
        this.indented = indented;
    }

    /// Source: `json.dump` with its defaults.
    public static String line(JsonNode node) {
        return new PythonJson(false).write(node, "").text.toString();
    }

    /// Source: `json.dumps(..., sort_keys=True, indent=4, separators=(",", ": "))`.
    public static String indented(JsonNode node) {
        return new PythonJson(true).write(node, "").text.toString();
    }

    private PythonJson write(JsonNode node, String margin) {
        switch (node.getNodeType()) {
            case OBJECT -> object(node, margin);
            case ARRAY -> array(node, margin);
            case STRING -> string(node.asText());
            case NUMBER -> text.append(node.asText());
            case BOOLEAN -> text.append(node.asBoolean());
            case NULL, MISSING, BINARY, POJO -> text.append("null");
        }
        return this;
    }

    private void object(JsonNode node, String margin) {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        if (indented) {
            Collections.sort(names);
        }
        text.append('{');
        String between = "";
        for (String name : names) {
            text.append(between);
            begin(margin);
            string(name);
            text.append(": ");
            write(node.path(name), margin + INDENT);
            between = indented ? "," : ", ";
        }
        end(margin, node.isEmpty());
        text.append('}');
    }

    private void array(JsonNode node, String margin) {
        text.append('[');
        String between = "";
        for (Iterator<JsonNode> items = node.elements(); items.hasNext(); ) {
            text.append(between);
            begin(margin);
            write(items.next(), margin + INDENT);
            between = indented ? "," : ", ";
        }
        end(margin, node.isEmpty());
        text.append(']');
    }

    private void begin(String margin) {
        if (indented) {
            text.append('\n').append(margin).append(INDENT);
        }
    }

    private void end(String margin, boolean empty) {
        if (indented && !empty) {
            text.append('\n').append(margin);
        }
    }

    private void string(String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char one = value.charAt(i);
            switch (one) {
                case '"' -> text.append("\\\"");
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\b' -> text.append("\\b");
                case '\f' -> text.append("\\f");
                default -> {
                    if (one < ' ' || one > '~') {
                        text.append("\\u%04x".formatted((int) one));
                    } else {
                        text.append(one);
                    }
                }
            }
        }
        text.append('"');
    }
}
