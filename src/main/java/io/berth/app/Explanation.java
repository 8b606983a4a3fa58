package io.berth.app;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.engine.FactsJson;
import io.berth.engine.ModeDecision;
import java.util.List;

/// What was decided and why, for people and for scripts: the same for a plan that runs and one that is only shown.
public final class Explanation {
    private Explanation() {}

    public static String json(PlanRun.Planned planned) {
        return json(planned, List.of());
    }

    /// @param mpi how ranks find each other, a line each
    public static String json(PlanRun.Planned planned, List<String> mpi) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("mode", planned.decision().mode().name());
        root.put("why", planned.decision().why());
        ObjectNode rejected = root.putObject("rejected");
        planned.decision().rejected().forEach((mode, why) -> rejected.put(mode.name(), why));
        root.set("host", FactsJson.tree(planned.facts()));
        ArrayNode devices = root.putArray("devices");
        planned.devices().forEach(devices::add);
        planned.users().ifPresent(users -> root.put("users", users));
        ArrayNode ranks = root.putArray("mpi");
        mpi.forEach(ranks::add);
        ArrayNode plan = root.putArray("plan");
        planned.text().lines().forEach(plan::add);
        return root.toPrettyString() + "\n";
    }

    public static String text(PlanRun.Planned planned) {
        return text(planned, List.of());
    }

    /// @param mpi how ranks find each other, a line each
    public static String text(PlanRun.Planned planned, List<String> mpi) {
        StringBuilder text = new StringBuilder();
        ModeDecision decision = planned.decision();
        text.append("mode ")
                .append(decision.mode())
                .append("\n  because it ")
                .append(decision.why())
                .append('\n');
        decision.rejected()
                .forEach((mode, why) -> text.append("  not ")
                        .append(mode)
                        .append(": ")
                        .append(why)
                        .append('\n'));
        if (!planned.devices().isEmpty()) {
            text.append("devices\n");
            planned.devices().forEach(line -> text.append("  ").append(line).append('\n'));
        }
        planned.users()
                .ifPresent(users -> text.append("users\n  ").append(users).append('\n'));
        if (!mpi.isEmpty()) {
            text.append("mpi\n");
            mpi.forEach(line -> text.append("  ").append(line).append('\n'));
        }
        text.append("plan\n");
        planned.text().lines().forEach(line -> text.append("  ").append(line).append('\n'));
        return text.toString();
    }
}
