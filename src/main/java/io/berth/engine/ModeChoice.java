package io.berth.engine;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;

/// Picks the mode from what was measured and what is wished: the same answer for the same facts, wherever it is asked.
public final class ModeChoice {
    private static final String CANNOT = "cannot ";

    private final ModeRequest request;
    private final ModeOrder order;
    private final HostFacts facts;
    private final Function<ExecutionMode, Optional<String>> objection;

    private ModeChoice(
            ModeRequest request,
            ModeOrder order,
            HostFacts facts,
            Function<ExecutionMode, Optional<String>> objection) {
        this.request = request;
        this.order = order;
        this.facts = facts;
        this.objection = objection;
    }

    /// @param order in which modes are considered when none is asked for
    /// @param objection what of the wish a mode cannot do; asked only of modes that work here
    /// Errors: HOST_UNFIT when the mode asked for, or every mode, failed its trial or cannot do what is wished.
    public static ModeDecision choose(
            ModeRequest request,
            ModeOrder order,
            HostFacts facts,
            Function<ExecutionMode, Optional<String>> objection) {
        return new ModeChoice(request, order, facts, objection).choose();
    }

    /// All modes of an order that could be taken, for an agreement with other nodes; none is no error here.
    ///
    /// @param objection as in [#choose]
    public static AbleModes able(
            ModeOrder order, HostFacts facts, Function<ExecutionMode, Optional<String>> objection) {
        ModeChoice choice = new ModeChoice(new ModeRequest(Optional.empty()), order, facts, objection);
        SequencedMap<ExecutionMode, String> rejected = new LinkedHashMap<>();
        for (ExecutionMode mode : choice.considered()) {
            choice.against(mode).ifPresent(why -> rejected.put(mode, why));
        }
        List<ExecutionMode> able = choice.considered().stream()
                .filter(mode -> !rejected.containsKey(mode))
                .toList();
        return new AbleModes(List.of(facts.node()), able, reasons(rejected));
    }

    private ModeDecision choose() {
        SequencedMap<ExecutionMode, String> rejected = new LinkedHashMap<>();
        Optional<ExecutionMode> chosen = Optional.empty();
        for (ExecutionMode mode : considered()) {
            Optional<String> against = chosen.isEmpty() ? against(mode) : Optional.of(late(mode, chosen.get()));
            if (against.isPresent()) {
                rejected.put(mode, against.get());
            } else {
                chosen = Optional.of(mode);
            }
        }
        if (chosen.isEmpty()) {
            throw nothing(rejected);
        }
        for (ExecutionMode mode : ExecutionMode.values()) {
            if (mode != chosen.get()) {
                rejected.putIfAbsent(mode, passedOver());
            }
        }
        return new ModeDecision(chosen.get(), why(chosen.get()), rejected);
    }

    private List<ExecutionMode> considered() {
        return request.mode().map(List::of).orElseGet(() -> List.copyOf(new LinkedHashSet<>(order.modes())));
    }

    /// Why a mode cannot be taken.
    private Optional<String> against(ExecutionMode mode) {
        return failure(mode).or(() -> objection.apply(mode).map(what -> CANNOT + what));
    }

    private String late(ExecutionMode mode, ExecutionMode chosen) {
        return failure(mode).orElse("not needed: " + chosen + " comes first");
    }

    private Optional<String> failure(ExecutionMode mode) {
        Optional<Trial> trial = trial(mode);
        if (trial.isEmpty()) {
            return Optional.of("was not tried here");
        }
        return trial.filter(tried -> !tried.works()).map(Trial::finding);
    }

    private Optional<Trial> trial(ExecutionMode mode) {
        return facts.trials().stream().filter(trial -> trial.mode() == mode).findFirst();
    }

    private String why(ExecutionMode mode) {
        String took = "works (trial took "
                + trial(mode).map(Trial::tookMillis).map(String::valueOf).orElse("?") + " ms)";
        return request.mode().isPresent()
                ? request.because() + ", and " + took
                : "is the first in the order of " + order.source() + " that can; " + took;
    }

    private String passedOver() {
        return request.mode()
                .map(mode -> mode + " " + request.because())
                .orElse("is not in the order of " + order.source());
    }

    /// Those of a kind together.
    private static String reasons(SequencedMap<ExecutionMode, String> rejected) {
        SequencedMap<String, List<String>> modes = new LinkedHashMap<>();
        rejected.forEach((mode, why) ->
                modes.computeIfAbsent(why, _ -> new ArrayList<>()).add(mode.name()));
        List<String> failures = new ArrayList<>();
        modes.forEach(
                (why, names) -> failures.add(String.join(", ", names) + (why.startsWith(CANNOT) ? " " : ": ") + why));
        return String.join("; ", failures);
    }

    private FaultException nothing(SequencedMap<ExecutionMode, String> rejected) {
        return FaultException.of(
                Fault.HOST_UNFIT,
                "choosing an execution mode on " + facts.node() + ": none works (" + reasons(rejected) + ")",
                request.mode().isPresent()
                        ? "leave --mode out, or ask for less"
                        : "allow user namespaces on the node, or install proot there; or ask for less");
    }
}
