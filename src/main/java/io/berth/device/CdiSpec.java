package io.berth.device;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// One CDI specification: what containers need for the devices of one kind.
///
/// Source: Container Device Interface 0.3.0 to 1.0.0, SPEC.md.
///
/// @param kind `VENDOR/CLASS`
/// @param edits for all its devices
record CdiSpec(Path file, String kind, List<Device> devices, Edits edits) {
    CdiSpec {
        devices = List.copyOf(devices);
    }

    record Device(String name, Edits edits) {}

    /// @param variables `NAME=VALUE`
    record Edits(List<String> variables, List<Node> nodes, List<Bind> binds, List<Hook> hooks, List<String> unknown) {
        Edits {
            variables = List.copyOf(variables);
            nodes = List.copyOf(nodes);
            binds = List.copyOf(binds);
            hooks = List.copyOf(hooks);
            unknown = List.copyOf(unknown);
        }
    }

    /// A device node.
    record Node(String host, String inside) {}

    record Bind(String host, String inside, List<String> options) {
        Bind {
            options = List.copyOf(options);
        }
    }

    record Hook(String name, String program, List<String> words) {
        Hook {
            words = List.copyOf(words);
        }
    }

    Optional<Device> device(String name) {
        return devices.stream().filter(device -> device.name().equals(name)).findFirst();
    }
}
