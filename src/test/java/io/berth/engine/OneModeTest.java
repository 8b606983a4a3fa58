package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OneModeTest {
    private static AbleModes line(String text) {
        return AbleModes.parse(text);
    }

    @Test
    void the_first_mode_of_the_first_node_that_all_can_do_is_taken() {
        assertThat(OneMode.of(List.of(line("n1 R1,F3,P1 "), line("n2 F3,P1 R1: no"), line("n3 R1,P1,F3 "))))
                .isEqualTo(ExecutionMode.F3);
        assertThat(OneMode.of(List.of(line("n1 R1"), line("n2,n3 R1"))).name()).isEqualTo("R1");
    }

    @Test
    void where_nothing_is_common_nodes_and_reasons_are_told_and_the_alike_together() {
        assertThat(Faults.expect(
                        Fault.HOST_UNFIT,
                        () -> OneMode.of(List.of(
                                line("n1 R1 P1: no proot"),
                                line("n2 P1 R1: no namespaces"),
                                line("n3 R1 P1: no proot")))))
                .hasMessageContaining(
                        "none works on all; n1, n3 can do R1 (not P1: no proot); n2 can do P1 (not R1: no namespaces)");
        assertThat(Faults.expect(
                        Fault.HOST_UNFIT, () -> OneMode.of(List.of(line("n1 R1"), line("n2 - R1 cannot fly")))))
                .hasMessageContaining("n1 can do R1; n2 can do none (not R1 cannot fly)");
        List<String> many = new ArrayList<>();
        for (int node = 1; node <= 11; node++) {
            many.add("n" + node);
        }
        assertThat(Faults.expect(
                        Fault.HOST_UNFIT,
                        () -> OneMode.of(List.of(new AbleModes(many, List.of(ExecutionMode.R1), ""), line("x P1")))))
                .hasMessageContaining("n7, n8 and 3 more can do R1; x can do P1");
    }

    @Test
    void what_is_no_line_is_refused() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> line("n1"))).hasMessageContaining("'n1'");
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> line("n1 R9 "))).hasMessageContaining("R9");
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> OneMode.of(List.of()))).hasMessageContaining("no node");
    }

    @Test
    void a_node_tells_all_modes_it_can_do_in_its_order_and_why_not_the_others() {
        HostFacts facts = new HostFacts(
                "n7",
                "boot",
                "6.1",
                new LinkedHashMap<>(),
                List.of(
                        new Trial(ExecutionMode.R1, false, true, "no user\nnamespaces", 2),
                        new Trial(ExecutionMode.P1, true, true, "works", 9),
                        new Trial(ExecutionMode.P2, true, true, "works", 9),
                        new Trial(ExecutionMode.F1, true, true, "works", 9)));
        ModeOrder order = ModeOrder.parse(List.of("R1", "F1", "P2", "P1"), "the test");

        AbleModes able = ModeChoice.able(
                order, facts, mode -> mode == ExecutionMode.F1 ? Optional.of("show a tmpfs") : Optional.empty());

        assertThat(able.line()).isEqualTo("n7 P2,P1 R1: no user namespaces; F1 cannot show a tmpfs");
        assertThat(AbleModes.parse(able.line()).modes()).containsExactly(ExecutionMode.P2, ExecutionMode.P1);
        assertThat(ModeChoice.able(ModeOrder.parse(List.of("R1"), "x"), facts, _ -> Optional.empty())
                        .line())
                .isEqualTo("n7 - R1: no user namespaces");
    }
}
