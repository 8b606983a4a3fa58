package io.berth.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.image.json.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Facts as JSON and back.
///
/// By hand: binding records would look up annotations, which makes proxy classes at each start.
public final class FactsJson {
    private FactsJson() {}

    public static ObjectNode tree(HostFacts facts) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("node", facts.node());
        root.put("bootId", facts.bootId());
        root.put("kernel", facts.kernel());
        ObjectNode hints = root.putObject("hints");
        facts.hints().forEach(hints::put);
        ObjectNode engines = root.putObject("engines");
        facts.engines().forEach(engines::put);
        ArrayNode trials = root.putArray("trials");
        for (Trial trial : facts.trials()) {
            trials.addObject()
                    .put("mode", trial.mode().name())
                    .put("works", trial.works())
                    .put("finding", trial.finding())
                    .put("tookMillis", trial.tookMillis());
        }
        return root;
    }

    public static String text(HostFacts facts) {
        return tree(facts).toPrettyString() + "\n";
    }

    /// Absent when the text is not facts of this version.
    static Optional<HostFacts> read(String text) {
        try {
            JsonNode root = JsonTree.parse(text);
            List<Trial> trials = new ArrayList<>();
            for (JsonNode trial : root.path("trials")) {
                trials.add(new Trial(
                        ExecutionMode.valueOf(trial.path("mode").asText()),
                        trial.path("works").asBoolean(),
                        true,
                        trial.path("finding").asText(),
                        trial.path("tookMillis").asLong()));
            }
            boolean complete =
                    root.hasNonNull("node") && root.hasNonNull("bootId") && root.has("engines") && !trials.isEmpty();
            return complete
                    ? Optional.of(new HostFacts(
                            root.path("node").asText(),
                            root.path("bootId").asText(),
                            root.path("kernel").asText(),
                            texts(root.path("hints")),
                            trials,
                            texts(root.path("engines"))))
                    : Optional.empty();
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static SequencedMap<String, String> texts(JsonNode object) {
        SequencedMap<String, String> texts = new LinkedHashMap<>();
        object.properties()
                .forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
        return texts;
    }
}
