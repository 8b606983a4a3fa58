package io.berth.engine;

import io.berth.engine.apptainer.ApptainerEngine;
import io.berth.engine.fake.FakechrootEngine;
import io.berth.engine.namespace.NamespaceEngine;
import io.berth.engine.oci.RuntimeEngine;
import io.berth.engine.proot.ProotEngine;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.nio.file.Path;
import java.util.Optional;

/// The only place that knows which engine serves which mode.
public final class Engines {
    private final EngineOptions options;
    private final SubIdRanges subIds;
    private final KeptTrials trials;

    /// For starts without subordinate ids, and nothing is remembered.
    public Engines(EngineOptions options) {
        this(options, SubIdRanges.none(), new KeptTrials(options.berthExec(), Optional.empty(), options.scratch()));
    }

    /// @param subIds of the caller
    /// @param trials that are made when a start needs them
    public Engines(EngineOptions options, SubIdRanges subIds, KeptTrials trials) {
        this.options = options;
        this.subIds = subIds;
        this.trials = trials;
    }

    /// Errors: HOST_UNFIT when a program that the mode needs is not on this host.
    public Engine forMode(ExecutionMode mode) {
        return switch (mode) {
            case R1 ->
                options.runtime()
                        .<Engine>map(runtime ->
                                new RuntimeEngine(namespaces(mode), runtime, options.berthExec(), options.scratch()))
                        .orElseGet(() -> namespaces(mode));
            case R2 -> namespaces(mode);
            case R3 -> innerProot();
            case S1 -> new ApptainerEngine(apptainer(), options.berthExec());
            case F1, F2, F3, F4 -> new FakechrootEngine(mode, fakechroot(), options.proot(), options.scratch());
            case P1, P2 -> new ProotEngine(mode, proot(), options.emulators(), options.berthExec(), options.scratch());
        };
    }

    private NamespaceEngine namespaces(ExecutionMode mode) {
        return new NamespaceEngine(mode, new Emulation(options.emulators(), trials), new RealIds(subIds, trials));
    }

    private Path apptainer() {
        return options.apptainer()
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for apptainer or singularity: neither is in the distribution nor in PATH",
                        "install one, or set 'use_singularity_executable'"));
    }

    private Proot proot() {
        return options.proot()
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for proot: it is not in the distribution and not in PATH",
                        "install the proot package on the node, or set 'proot' in berth.conf"));
    }

    private Fakechroot fakechroot() {
        return options.fakechroot()
                .orElseThrow(() -> FaultException.of(
                        Fault.HOST_UNFIT,
                        "looking for libfakechroot: it is not in the distribution",
                        "use R1 or P1, or a distribution with engines"));
    }

    private Engine innerProot() {
        Proot proot = proot();
        return new InnerProot(
                namespaces(ExecutionMode.R3),
                proot,
                proot.loader()
                        .orElseThrow(() -> FaultException.of(
                                Fault.HOST_UNFIT,
                                "looking for a PRoot that runs in any image: " + proot.program() + " needs libraries",
                                "use mode R2, which does more, or a distribution with our own PRoot")));
    }
}
