package io.berth.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.engine.FactsJson;
import io.berth.process.PlanText;

/// What was decided and why, for people and for scripts: the same for a plan that runs and one that is only shown.
public final class Explanation {
    private Explanation() {}

    public static String json(PlanRun.Planned planned) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("mode", planned.decision().mode().name());
        ArrayNode reasons = root.putArray("reasons");
        planned.decision().reasons().forEach(reasons::add);
        root.set("host", FactsJson.tree(planned.facts()));
        ArrayNode devices = root.putArray("devices");
        planned.devices().forEach(devices::add);
        ArrayNode plan = root.putArray("plan");
        PlanText.of(planned.plan()).lines().forEach(plan::add);
        return root.toPrettyString() + "\n";
    }

    public static String text(PlanRun.Planned planned) {
        StringBuilder text = new StringBuilder();
        text.append("mode ").append(planned.decision().mode()).append('\n');
        planned.decision()
                .reasons()
                .forEach(reason -> text.append("  because ").append(reason).append('\n'));
        if (!planned.devices().isEmpty()) {
            text.append("devices\n");
            planned.devices().forEach(line -> text.append("  ").append(line).append('\n'));
        }
        text.append("plan\n");
        PlanText.of(planned.plan())
                .lines()
                .forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }
}
