package io.berth.engine;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// The agreement of the nodes of a step: ranks that differ in how they see their peers' memory, files and speed make no
/// good world.
public final class OneMode {
    private static final int MOST_NODES = 8;

    private OneMode() {}

    /// The first mode in the order of the first node that all can do.
    ///
    /// Errors: HOST_UNFIT when there is none; BAD_INPUT without any node.
    public static ExecutionMode of(List<AbleModes> nodes) {
        if (nodes.isEmpty()) {
            throw FaultException.badInput("agreeing on one execution mode: no node says what it can do", "name some");
        }
        return nodes.getFirst().modes().stream()
                .filter(mode -> nodes.stream().allMatch(node -> node.modes().contains(mode)))
                .findFirst()
                .orElseThrow(() -> nothing(nodes));
    }

    private static FaultException nothing(List<AbleModes> nodes) {
        SequencedMap<String, List<String>> alike = new LinkedHashMap<>();
        for (AbleModes node : nodes) {
            alike.computeIfAbsent(can(node), _ -> new ArrayList<>()).addAll(node.nodes());
        }
        return FaultException.of(
                Fault.HOST_UNFIT,
                "agreeing on one execution mode for the nodes of the step: none works on all; "
                        + alike.entrySet().stream()
                                .map(entry -> names(entry.getValue()) + " " + entry.getKey())
                                .collect(Collectors.joining("; ")),
                "take nodes that are alike, or let each take its own: mode per-node");
    }

    private static String can(AbleModes node) {
        String modes = node.modes().isEmpty()
                ? "none"
                : node.modes().stream().map(Enum::name).collect(Collectors.joining(", "));
        return "can do " + modes + (node.others().isEmpty() ? "" : " (not " + node.others() + ")");
    }

    private static String names(List<String> nodes) {
        return nodes.size() <= MOST_NODES
                ? String.join(", ", nodes)
                : String.join(", ", nodes.subList(0, MOST_NODES)) + " and " + (nodes.size() - MOST_NODES) + " more";
    }
}
