package io.berth.engine;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// Picks the mode from what was measured.
public final class ModeChoice {
    private ModeChoice() {}

    /// @param objection what of the wish a mode cannot do; asked only of modes that work here
    /// Errors: HOST_UNFIT when the mode asked for, or every mode, failed its trial or cannot do what is wished.
    public static ModeDecision choose(
            ModeRequest request, HostFacts facts, Function<ExecutionMode, Optional<String>> objection) {
        List<String> reasons = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (Trial trial : facts.trials()) {
            boolean wanted = request.mode().map(trial.mode()::equals).orElse(true);
            Optional<String> cannot = wanted && trial.works() ? objection.apply(trial.mode()) : Optional.empty();
            String verdict =
                    trial.mode() + cannot.map(what -> " cannot " + what).orElse(": " + trial.finding());
            if (wanted && trial.works() && cannot.isEmpty()) {
                reasons.add(verdict + " (trial took " + trial.tookMillis() + " ms)");
                request.mode().ifPresent(_ -> reasons.add(trial.mode() + " was asked for"));
                return new ModeDecision(trial.mode(), reasons);
            }
            if (wanted) {
                reasons.add(verdict);
                failures.add(verdict);
            }
        }
        if (failures.isEmpty()) {
            request.mode().ifPresent(mode -> failures.add(mode + ": no engine of this berth serves it"));
        }
        throw FaultException.of(
                Fault.HOST_UNFIT,
                "choosing an execution mode on " + facts.node() + ": none works (" + String.join("; ", failures) + ")",
                request.mode().isPresent()
                        ? "leave --mode out, or ask for less"
                        : "allow user namespaces on the node, or install proot there; or ask for less");
    }
}
