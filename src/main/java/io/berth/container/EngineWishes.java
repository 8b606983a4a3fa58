package io.berth.container;

import java.util.List;
import java.util.Optional;

/// What not every engine can do; one that cannot must say so before the start.
///
/// @param kernel release that uname(2) shows
/// @param freePorts ports that the program asks for are replaced by free ones
/// @param cpus as `--cpuset-cpus` has them, checked
/// @param unshared what is the container's own beside its files: `net`, `ipc`, `uts`
/// @param subIds whether there are more users than one
public record EngineWishes(
        Optional<String> kernel,
        List<Port> ports,
        boolean freePorts,
        Optional<String> cpus,
        List<String> unshared,
        SubIdWish subIds) {
    public EngineWishes {
        ports = List.copyOf(ports);
        unshared = List.copyOf(unshared);
    }

    public EngineWishes(Optional<String> kernel, List<Port> ports, boolean freePorts, Optional<String> cpus) {
        this(kernel, ports, freePorts, cpus, List.of(), SubIdWish.NO);
    }

    public EngineWishes unsharing(List<String> namespaces) {
        return new EngineWishes(kernel, ports, freePorts, cpus, namespaces, subIds);
    }

    public EngineWishes withSubIds(SubIdWish wish) {
        return new EngineWishes(kernel, ports, freePorts, cpus, unshared, wish);
    }

    public static EngineWishes none() {
        return new EngineWishes(Optional.empty(), List.of(), false, Optional.empty());
    }

    /// Those that need an engine's help: the container shares the host's network, so the others hold by themselves.
    public List<Port> movedPorts() {
        return ports.stream().filter(port -> port.host() != port.inside()).toList();
    }
}
