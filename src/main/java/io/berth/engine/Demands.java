package io.berth.engine;

import io.berth.container.ContainerSpec;
import io.berth.container.SubIdWish;
import io.berth.files.Evidence;
import io.berth.process.Mount;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/// Which features a start needs of its mode.
public final class Demands {
    private static final String RELEASE = System.getProperty("os.version", "");

    private Demands() {}

    public static List<Demand> of(ContainerSpec spec) {
        List<Demand> demands = new ArrayList<>();
        for (Mount mount : spec.mounts()) {
            addMount(demands, mount);
        }
        demands.add(user(spec));
        if (!shows(spec, "/proc") || !shows(spec, "/dev")) {
            demands.add(new Demand(Feature.NO_SYSTEM_FOLDERS, "do without /proc and /dev of the host"));
        }
        if (!spec.tree().machine().isEmpty()) {
            demands.add(new Demand(
                    Feature.OTHER_ARCHITECTURE,
                    "run programs for " + spec.tree().machine()));
        }
        if (spec.tree().readOnly()) {
            demands.add(new Demand(Feature.READ_ONLY_TREE, "run a tree that may not be written"));
        }
        spec.wishes().unshared().stream()
                .findFirst()
                .ifPresent(namespace ->
                        demands.add(new Demand(Feature.UNSHARED, "make a namespace of its own (" + namespace + ")")));
        if (spec.wishes().subIds() == SubIdWish.REQUIRED) {
            demands.add(new Demand(Feature.SUBORDINATE_IDS, "use subordinate ids"));
        }
        KernelDemand.of(spec, RELEASE).ifPresent(demands::add);
        spec.wishes().kernel().ifPresent(_ -> demands.add(new Demand(Feature.KERNEL, "show another kernel release")));
        spec.wishes()
                .movedPorts()
                .forEach(port ->
                        demands.add(new Demand(Feature.MOVED_PORT, "map port " + port.inside(), " " + port.host())));
        return demands;
    }

    /// What they depend on beside the spec.
    public static void note(ContainerSpec spec, Evidence evidence) {
        KernelDemand.note(spec, RELEASE, evidence);
    }

    private static boolean shows(ContainerSpec spec, String target) {
        return spec.mounts().stream().anyMatch(mount -> mount.target().equals(target));
    }

    private static void addMount(List<Demand> demands, Mount mount) {
        if (mount instanceof Mount.Tmpfs) {
            demands.add(new Demand(Feature.MEMORY_FOLDER, "mount a file system in memory at " + mount.target()));
        } else if (mount instanceof Mount.Bind bind && !isSkipped(bind)) {
            if (bind.readOnly()) {
                demands.add(new Demand(Feature.READ_ONLY_VOLUME, "mount " + bind.target() + " read-only"));
            }
            if (bind.flags().contains("noexec") || bind.flags().contains("nodev")) {
                demands.add(new Demand(
                        Feature.MOUNT_FLAGS, "mount " + bind.target() + " with " + String.join(" and ", bind.flags())));
            }
            if (bind.source().toString().indexOf(':') >= 0 || bind.target().indexOf(':') >= 0) {
                demands.add(new Demand(Feature.COLON_IN_PATH, "mount a path with a colon (" + bind.source() + ")"));
            }
        }
    }

    private static Demand user(ContainerSpec spec) {
        if (spec.asCaller()) {
            return new Demand(Feature.OWN_USER, "show your own user");
        }
        return spec.uid() == 0
                ? new Demand(Feature.ROOT, "show user 0")
                : new Demand(Feature.OTHER_USER, "show user " + spec.uid());
    }

    /// Whether there is nothing to show.
    public static boolean isSkipped(Mount.Bind bind) {
        return bind.optional() && !Files.exists(bind.source());
    }
}
