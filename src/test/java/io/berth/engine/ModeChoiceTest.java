package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ModeChoiceTest {
    private static final Trial R1_WORKS = new Trial(ExecutionMode.R1, true, true, "works", 4);
    private static final Trial R1_FAILS = new Trial(ExecutionMode.R1, false, true, "no user namespaces", 2);
    private static final Trial P2_WORKS = new Trial(ExecutionMode.P2, true, true, "works", 9);
    private static final Trial P2_FAILS = new Trial(ExecutionMode.P2, false, true, "no proot", 1);

    private static final ModeOrder ORDER = new ModeOrder(List.of(ExecutionMode.R1, ExecutionMode.P2), "the test");

    private static HostFacts facts(Trial... trials) {
        return new HostFacts("node7", "boot", "6.1", new LinkedHashMap<>(), List.of(trials));
    }

    private static ModeDecision choose(String request, Trial... trials) {
        return choose(request, _ -> Optional.empty(), trials);
    }

    private static ModeDecision choose(
            String request, Function<ExecutionMode, Optional<String>> objection, Trial... trials) {
        return ModeChoice.choose(ModeRequest.parse(request), ORDER, facts(trials), objection);
    }

    @Test
    void the_first_mode_of_the_order_that_works_is_taken() {
        ModeDecision decision = choose("auto", P2_WORKS, R1_WORKS);

        assertThat(decision.mode()).isEqualTo(ExecutionMode.R1);
        assertThat(decision.why()).isEqualTo("is the first in the order of the test that can; works (trial took 4 ms)");
        assertThat(decision.rejected())
                .containsEntry(ExecutionMode.P2, "not needed: R1 comes first")
                .containsEntry(ExecutionMode.P1, "is not in the order of the test")
                .hasSize(ExecutionMode.values().length - 1);
    }

    @Test
    void why_a_better_mode_was_not_taken_is_told() {
        ModeDecision decision = choose("AUTO", R1_FAILS, P2_WORKS);

        assertThat(decision.mode()).isEqualTo(ExecutionMode.P2);
        assertThat(decision.rejected()).containsEntry(ExecutionMode.R1, "no user namespaces");
    }

    @Test
    void a_mode_that_is_asked_for_is_taken_although_a_better_one_works() {
        ModeDecision decision = choose("p2", R1_WORKS, P2_WORKS);

        assertThat(decision.mode()).isEqualTo(ExecutionMode.P2);
        assertThat(decision.why()).isEqualTo("was asked for, and works (trial took 9 ms)");
        assertThat(decision.rejected()).containsEntry(ExecutionMode.R1, "P2 was asked for");
    }

    @Test
    void an_order_names_modes_and_families() {
        assertThat(ModeOrder.parse(List.of("p2", "R", "P"), "x").modes())
                .containsExactly(
                        ExecutionMode.P2, ExecutionMode.R1, ExecutionMode.R2, ExecutionMode.R3, ExecutionMode.P1);
        assertThat(ModeOrder.forRun(ExecutionMode.P1).modes())
                .startsWith(ExecutionMode.P1, ExecutionMode.R1)
                .hasSize(ExecutionMode.values().length);
        Faults.expect(Fault.BAD_INPUT, () -> ModeOrder.parse(List.of("R1", "Q"), "x"));
        Faults.expect(Fault.BAD_INPUT, () -> ModeOrder.parse(List.of("R9"), "x"));
    }

    @Test
    void a_mode_that_is_asked_for_is_never_replaced() {
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> choose("R1", R1_FAILS, P2_WORKS)))
                .hasMessageContainingAll("node7", "R1: no user namespaces")
                .hasMessageNotContaining("P2");
    }

    @Test
    void when_nothing_works_every_reason_is_told() {
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> choose("auto", R1_FAILS, P2_FAILS)))
                .hasMessageContainingAll("R1: no user namespaces", "P2: no proot");
    }

    @Test
    void a_mode_that_was_not_tried_is_refused_by_its_name() {
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> choose("f1", R1_WORKS)))
                .hasMessageContaining("F1: was not tried here");
    }

    @Test
    void an_unknown_mode_is_refused() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> ModeRequest.parse("Z9")))
                .hasMessageContaining("'Z9'");
    }

    private static Optional<String> onlyP2Can(ExecutionMode mode) {
        return mode == ExecutionMode.R1 ? Optional.of("do this") : Optional.empty();
    }

    @Test
    void a_mode_that_cannot_do_what_is_wished_is_passed_over_with_the_reason() {
        ModeDecision decision = choose("auto", ModeChoiceTest::onlyP2Can, R1_WORKS, P2_WORKS);

        assertThat(decision.mode()).isEqualTo(ExecutionMode.P2);
        assertThat(decision.rejected()).containsEntry(ExecutionMode.R1, "cannot do this");
    }

    @Test
    void a_mode_that_is_asked_for_and_cannot_is_refused() {
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> choose("R1", ModeChoiceTest::onlyP2Can, R1_WORKS, P2_WORKS)))
                .hasMessageContaining("R1 cannot do this");
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> choose("auto", ModeChoiceTest::onlyP2Can, R1_WORKS, P2_FAILS)))
                .hasMessageContainingAll("R1 cannot do this", "P2: no proot");
    }
}
