package io.berth.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The table of [Capabilities] as the text of `docs/modes.md`.
public final class CapabilityText {
    private final List<String> reasons = new ArrayList<>();

    private CapabilityText() {}

    /// In the form of Markdown.
    public static String tables() {
        CapabilityText text = new CapabilityText();
        String modes = text.table(
                Stream.of(ExecutionMode.values()).map(Enum::name).toList(),
                Feature.values(),
                feature -> Stream.of(ExecutionMode.values())
                        .map(mode -> text.cell(Capabilities.of(mode, feature)))
                        .toList());
        String makers = text.table(
                Stream.of(Maker.values()).map(Maker::label).toList(),
                Stream.of(Feature.values()).filter(CapabilityText::differs).toArray(Feature[]::new),
                feature -> Stream.of(Maker.values())
                        .map(maker -> text.cell(Capabilities.of(maker, feature)))
                        .toList());
        return "## What each mode can do\n\n" + modes
                + "\n## R1 by its engine (`--engine`), where they differ\n\n" + makers
                + "\n## Notes\n\n" + text.notes();
    }

    private static boolean differs(Feature feature) {
        return Stream.of(Maker.values())
                .anyMatch(maker -> !(Capabilities.of(maker, feature) instanceof Capability.Can));
    }

    private String table(List<String> columns, Feature[] features, Function<Feature, List<String>> cells) {
        StringBuilder text = new StringBuilder();
        text.append("| | ").append(String.join(" | ", columns)).append(" |\n");
        text.append("|---".repeat(columns.size() + 1)).append("|\n");
        for (Feature feature : features) {
            text.append("| ").append(feature.title()).append(" | ");
            text.append(String.join(" | ", cells.apply(feature))).append(" |\n");
        }
        return text.toString();
    }

    private String cell(Capability capability) {
        return switch (capability) {
            case Capability.Can _ -> "yes";
            case Capability.CanBut(String note) -> "limited (" + number(note) + ")";
            case Capability.Cannot(String reason) -> "no (" + number(reason) + ")";
        };
    }

    private int number(String reason) {
        if (!reasons.contains(reason)) {
            reasons.add(reason);
        }
        return reasons.indexOf(reason) + 1;
    }

    private String notes() {
        return reasons.stream()
                .map(reason -> (reasons.indexOf(reason) + 1) + ". " + reason.strip() + "\n")
                .collect(Collectors.joining());
    }
}
