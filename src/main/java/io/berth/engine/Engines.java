package io.berth.engine;

import io.berth.engine.namespace.NamespaceEngine;
import io.berth.engine.proot.ProotEngine;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;

/// The only place that knows which engine serves which mode.
public final class Engines {
    private final EngineOptions options;

    public Engines(EngineOptions options) {
        this.options = options;
    }

    public Engine forMode(ExecutionMode mode) {
        return switch (mode) {
            case R1 -> new NamespaceEngine();
            case P1, P2 ->
                new ProotEngine(
                        mode,
                        options.proot()
                                .orElseThrow(() -> FaultException.of(
                                        Fault.HOST_UNFIT,
                                        "looking for proot: it is not in the distribution and not in PATH",
                                        "install the proot package on the node, or set 'proot' in berth.conf")),
                        options.berthExec(),
                        options.scratch());
        };
    }
}
