package io.berth.engine;

import io.berth.fault.FaultException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// What a node brings to the agreement on one mode for all nodes of a step.
///
/// @param nodes that can do the same; one, as a node writes it
/// @param modes that it could take, in its order
/// @param others why not the others of its order
public record AbleModes(List<String> nodes, List<ExecutionMode> modes, String others) {
    private static final String NONE = "-";

    public AbleModes {
        nodes = List.copyOf(nodes);
        modes = List.copyOf(modes);
    }

    /// `NODE[,NODE...] MODE[,MODE...] WHY-NOT-THE-OTHERS`, without a line break; `-` for no mode.
    public String line() {
        String able = modes.isEmpty() ? NONE : modes.stream().map(Enum::name).collect(Collectors.joining(","));
        return String.join(",", nodes) + " " + able + " " + others.replaceAll("\\s+", " ");
    }

    /// Errors: BAD_INPUT for what is no such line.
    public static AbleModes parse(String line) {
        String[] words = line.strip().split(" ", 3);
        if (words.length < 2) {
            throw FaultException.badInput(
                    "reading which modes a node can do: '" + line + "'", "give the lines that 'node prepare' wrote");
        }
        return new AbleModes(
                List.of(words[0].split(",")),
                words[1].equals(NONE)
                        ? List.of()
                        : Arrays.stream(words[1].split(","))
                                .map(ExecutionMode::parse)
                                .toList(),
                words.length < 3 ? "" : words[2]);
    }
}
