package io.berth.engine.oci;

import io.berth.container.ContainerSpec;
import io.berth.engine.Capabilities;
import io.berth.engine.Demand;
import io.berth.engine.Demands;
import io.berth.engine.Engine;
import io.berth.engine.ExecutionMode;
import io.berth.engine.OciRuntime;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.process.LaunchPlan;
import io.berth.process.Stamp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// R1 by crun or runc: `berth-exec` puts the tree together as for its own R1, and the runtime makes it the root.
public final class RuntimeEngine implements Engine {
    private final Engine outer;
    private final OciRuntime runtime;
    private final Path berthExec;
    private final Path scratch;

    /// @param outer puts the tree together
    public RuntimeEngine(Engine outer, OciRuntime runtime, Path berthExec, Path scratch) {
        this.outer = outer;
        this.runtime = runtime;
        this.berthExec = berthExec;
        this.scratch = scratch;
    }

    @Override
    public Optional<String> objection(ContainerSpec spec) {
        List<Demand> demands = Demands.of(spec);
        return Capabilities.objection(ExecutionMode.R1, demands)
                .or(() -> Capabilities.objection(runtime.maker(), demands));
    }

    @Override
    public void note(ContainerSpec spec, Evidence evidence) {
        evidence.content(runtime.program());
    }

    @Override
    public List<String> notices(ContainerSpec spec) {
        List<String> notices = new ArrayList<>();
        if (spec.wishes().freePorts()) {
            notices.add("ports are not moved to free ones in R modes: the network is the host's");
        }
        if (spec.share().isPresent()) {
            notices.add("with " + runtime.maker().label()
                    + " each rank has a user namespace of its own: messages between ranks of a node are copied twice");
        }
        return notices;
    }

    @Override
    public Optional<String> users(ContainerSpec spec) {
        return Optional.of("one user and one group: " + runtime.maker().label() + " gets no subordinate ids");
    }

    @Override
    public LaunchPlan plan(ContainerSpec spec, LaunchPlan.Owner owner) {
        // covered by memory of its own at each start, so one folder serves all
        Path folder = Folders.make(scratch.resolve(".runtime"));
        return outer.plan(spec, owner)
                .byRuntime(runtime.maker().label(), runtime.program(), folder, berthExec)
                .withStamp(Stamp.of(runtime.program()));
    }
}
