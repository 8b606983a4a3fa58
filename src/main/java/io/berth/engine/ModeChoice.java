package io.berth.engine;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.List;

/// Picks the mode from what was measured.
public final class ModeChoice {
    private ModeChoice() {}

    /// Errors: HOST_UNFIT when the mode asked for, or every mode, failed its trial.
    public static ModeDecision choose(ModeRequest request, HostFacts facts) {
        List<String> reasons = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Trial trial : facts.trials()) {
            boolean wanted = request.mode().map(trial.mode()::equals).orElse(true);
            String verdict = trial.mode() + ": " + trial.finding();
            if (wanted && trial.works()) {
                reasons.add(verdict + " (trial took " + trial.tookMillis() + " ms)");
                request.mode().ifPresent(_ -> reasons.add(trial.mode() + " was asked for"));
                return new ModeDecision(trial.mode(), reasons);
            }
            if (wanted) {
                reasons.add(verdict);
                failures.add(verdict);
            }
        }
        throw FaultException.of(
                Fault.HOST_UNFIT,
                "choosing an execution mode on " + facts.node() + ": none works (" + String.join("; ", failures) + ")",
                "allow user namespaces on the node, or install proot there");
    }
}
