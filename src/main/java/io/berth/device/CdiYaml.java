package io.berth.device;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// YAML as the tree that JSON gives, so that both are read by the same code. The only class that knows the library,
/// which is not loaded until there is such a file.
///
/// Bounded: aliases, depth and the number of values once aliases are written out, so that a small file cannot grow.
final class CdiYaml {
    private static final int MOST_ALIASES = 50;
    private static final int MOST_CHARACTERS = 4 << 20;
    private static final int DEPTH = 32;
    private static final int MOST_VALUES = 200_000;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private int values;

    private CdiYaml() {}

    /// @throws IOException when it is not one document within the bounds
    static JsonNode parse(String text) throws IOException {
        LoadSettings settings = LoadSettings.builder()
                .setAllowRecursiveKeys(false)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(MOST_ALIASES)
                .setCodePointLimit(MOST_CHARACTERS)
                .build();
        try {
            return new CdiYaml().node(new Load(settings).loadFromString(text), 0);
        } catch (YamlEngineException e) {
            throw new IOException("it is not YAML, or too much of it: " + firstLine(e), e);
        } catch (StackOverflowError e) {
            throw new IOException("it is nested too deeply", e);
        }
    }

    private static String firstLine(YamlEngineException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private JsonNode node(@Nullable Object value, int depth) throws IOException {
        if (depth > DEPTH) {
            throw new IOException("it is nested too deeply, or contains itself");
        }
        if (++values > MOST_VALUES) {
            throw new IOException("it holds too much");
        }
        return switch (value) {
            case null -> NODES.nullNode();
            case Map<?, ?> map -> object(map, depth);
            case Iterable<?> list -> array(list, depth);
            case Boolean flag -> NODES.booleanNode(flag);
            case Integer number -> NODES.numberNode(number);
            case Long number -> NODES.numberNode(number);
            case String text -> NODES.textNode(text);
            default -> NODES.textNode(value.toString());
        };
    }

    private ObjectNode object(Map<?, ?> map, int depth) throws IOException {
        ObjectNode object = NODES.objectNode();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String name)) {
                throw new IOException("a key is no text");
            }
            object.set(name, node(entry.getValue(), depth + 1));
        }
        return object;
    }

    private ArrayNode array(Iterable<?> list, int depth) throws IOException {
        ArrayNode array = NODES.arrayNode();
        for (Object value : list) {
            array.add(node(value, depth + 1));
        }
        return array;
    }
}
