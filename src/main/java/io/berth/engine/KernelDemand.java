package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.container.InsideView;
import io.berth.elf.KernelRelease;
import io.berth.elf.Libc;
import io.berth.files.Evidence;
import io.berth.image.Platform;
import java.util.List;
import java.util.Optional;

/// Whether the image's C library would refuse the kernel that its programs see.
final class KernelDemand {
    /// No C library asks for a later one, so that where the kernel is none is looked at.
    private static final KernelRelease LATEST_ASKED = new KernelRelease(5, 19);

    private KernelDemand() {}

    /// @param host its release, as `uname -r` says it
    static Optional<Demand> of(ContainerSpec spec, String host) {
        return asked(spec, host, Evidence.unwanted());
    }

    static void note(ContainerSpec spec, String host, Evidence evidence) {
        asked(spec, host, evidence);
    }

    private static Optional<Demand> asked(ContainerSpec spec, String host, Evidence evidence) {
        String shown = spec.wishes().kernel().orElse(host);
        Optional<KernelRelease> kernel = KernelRelease.parse(shown);
        if (kernel.isEmpty() || kernel.get().compareTo(LATEST_ASKED) >= 0) {
            return Optional.empty();
        }
        String machine = spec.tree().machine().isEmpty()
                ? Platform.machine()
                : spec.tree().machine();
        InsideView view = new InsideView(spec.tree().root(), List.of(), evidence);
        return Libc.oldestKernel(view, machine)
                .filter(oldest -> kernel.get().compareTo(oldest) < 0)
                .map(oldest -> new Demand(
                        Feature.NEWER_KERNEL,
                        "start programs whose C library wants Linux " + oldest + ", where the kernel is " + shown));
    }
}
