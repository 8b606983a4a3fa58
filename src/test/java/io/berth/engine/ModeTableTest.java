package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Golden;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// What is chosen on the nodes of `choice/nodes.txt`, whose first lines say what a row holds.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ModeTableTest {
    private static final Path NODES = Path.of("src/test/resources/choice/nodes.txt");
    private static final int LEAST_ROWS = 40;

    private record Row(String name, HostFacts facts, ModeRequest request, ModeOrder order, List<Demand> demands) {
        String outcome() {
            StringBuilder text = new StringBuilder("## " + name + "\n");
            try {
                ModeDecision decision =
                        ModeChoice.choose(request, order, facts, mode -> Capabilities.objection(mode, demands));
                text.append(decision.mode()).append(": ").append(decision.why()).append('\n');
                decision.rejected()
                        .forEach((mode, why) -> text.append("    not ")
                                .append(mode)
                                .append(": ")
                                .append(why)
                                .append('\n'));
            } catch (FaultException e) {
                text.append(e.getMessage()).append('\n');
            }
            return text.append('\n').toString();
        }
    }

    private static List<Row> rows() throws IOException {
        Map<String, String> reasons = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(NODES)) {
            if (line.startsWith("= ")) {
                String[] words = line.substring(2).split(" +", 2);
                reasons.put(words[0], words[1]);
            } else if (!line.isBlank() && !line.startsWith("#")) {
                rows.add(row(line.split(" *\\| *"), reasons));
            }
        }
        return rows;
    }

    private static Row row(String[] cells, Map<String, String> reasons) {
        Map<ExecutionMode, String> failures = new HashMap<>();
        for (String failure : words(cells[2])) {
            String[] parts = failure.split("=", 2);
            String reason = Optional.ofNullable(reasons.get(parts[1])).orElseThrow();
            Stream.of(ExecutionMode.values())
                    .filter(mode -> mode.name().startsWith(parts[0]))
                    .forEach(mode -> failures.put(mode, reason));
        }
        List<Trial> trials = Stream.of(ExecutionMode.values())
                .map(mode ->
                        new Trial(mode, !failures.containsKey(mode), true, failures.getOrDefault(mode, "works"), 5))
                .toList();
        return new Row(
                cells[0],
                new HostFacts("node", "boot", cells[1], new LinkedHashMap<>(), trials),
                ModeRequest.parse(cells[3]),
                order(cells[4]),
                words(cells[5]).stream()
                        .map(name -> new Demand(
                                Feature.valueOf(name),
                                "do " + name.toLowerCase(java.util.Locale.ROOT).replace('_', ' ')))
                        .toList());
    }

    private static List<String> words(String cell) {
        return cell.equals("-") ? List.of() : Arrays.asList(cell.split(" +"));
    }

    private static ModeOrder order(String cell) {
        return switch (cell) {
            case "jobs" -> ModeOrder.forJobs();
            case "run" -> ModeOrder.forRun(ExecutionMode.P1);
            default -> ModeOrder.parse(words(cell), "mode_order (/etc/berth.conf:3)");
        };
    }

    @Test
    void each_node_gets_its_mode_and_the_reason_for_every_other() throws IOException {
        List<Row> rows = rows();
        assertThat(rows).hasSizeGreaterThanOrEqualTo(LEAST_ROWS);

        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(row.outcome()));

        Golden.check("mode-choice.txt", text.toString());
    }

    @Test
    void every_decision_speaks_of_all_modes() throws IOException {
        for (Row row : rows()) {
            try {
                ModeDecision decision = ModeChoice.choose(
                        row.request(), row.order(), row.facts(), mode -> Capabilities.objection(mode, row.demands()));
                List<ExecutionMode> spoken = new ArrayList<>(decision.rejected().keySet());
                spoken.add(decision.mode());
                assertThat(spoken).as(row.name()).containsExactlyInAnyOrder(ExecutionMode.values());
            } catch (FaultException e) {
                assertThat(e).as(row.name()).hasMessageContaining("none works");
            }
        }
    }
}
