package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;

/// The CDI specifications of this host: those of a later folder count more.
///
/// Source: Container Device Interface 1.0.0, SPEC.md and the notes on its cache: `/etc/cdi` before `/var/run/cdi`.
final class CdiRegistry {
    static final String ALL = "all";
    private static final int MOST_FILES = 64;

    /// By folder, the one that counts most first.
    private final List<List<CdiSpec>> folders = new ArrayList<>();
    private final List<String> troubles = new ArrayList<>();

    private CdiRegistry() {}

    /// A device and the specification it stands in.
    record Found(CdiSpec spec, CdiSpec.Device device) {}

    /// A file that cannot be understood is told of, and the others count.
    static CdiRegistry read(InsideTree host, List<String> folders) {
        CdiRegistry registry = new CdiRegistry();
        for (String folder : folders.reversed()) {
            registry.folders.add(registry.specs(host, folder));
        }
        return registry;
    }

    private List<CdiSpec> specs(InsideTree host, String folder) {
        List<CdiSpec> specs = new ArrayList<>();
        List<Path> files = host.entries(folder).stream()
                .filter(CdiRegistry::isSpecification)
                .toList();
        if (files.size() > MOST_FILES) {
            troubles.add(folder + " holds more than " + MOST_FILES + " specifications: none is read");
            return specs;
        }
        for (Path file : files) {
            try {
                specs.add(CdiReader.read(file));
            } catch (FaultException e) {
                troubles.add(String.valueOf(e.getMessage()));
            }
        }
        return specs;
    }

    private static boolean isSpecification(Path file) {
        String name = file.getFileName().toString();
        return (name.endsWith(".json") || name.endsWith(".yaml") || name.endsWith(".yml")) && Files.isRegularFile(file);
    }

    /// What was wrong with files, a line each.
    List<String> troubles() {
        return List.copyOf(troubles);
    }

    boolean hasKind(String kind) {
        return specs().stream().anyMatch(spec -> spec.kind().equals(kind));
    }

    /// Names of the devices of a kind.
    Set<String> names(String kind) {
        return specs().stream()
                .filter(spec -> spec.kind().equals(kind))
                .flatMap(spec -> spec.devices().stream())
                .map(CdiSpec.Device::name)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /// All devices that a name means: `all` is every one of its kind, unless one has that name.
    ///
    /// Errors: BAD_INPUT for what is no such name; NOT_FOUND; CORRUPT when two of one folder have it.
    List<Found> find(String qualified) {
        int equals = qualified.indexOf('=');
        String kind = qualified.substring(0, Math.max(equals, 0));
        String name = qualified.substring(equals + 1);
        if (kind.indexOf('/') <= 0 || name.isEmpty()) {
            throw FaultException.badInput(
                    "reading device '" + qualified + "': it is neither a path nor a CDI name",
                    "the forms are /dev/NAME and VENDOR/CLASS=DEVICE, for example nvidia.com/gpu=0");
        }
        Optional<Found> one = single(kind, name);
        if (one.isPresent()) {
            return List.of(one.get());
        }
        Set<String> names = names(kind);
        if (name.equals(ALL) && !names.isEmpty()) {
            SequencedMap<String, Found> all = new LinkedHashMap<>();
            names.forEach(each -> single(kind, each).ifPresent(found -> all.put(each, found)));
            return List.copyOf(all.values());
        }
        throw notFound(qualified, kind, name, names);
    }

    private FaultException notFound(String qualified, String kind, String name, Set<String> names) {
        String what = "looking for device " + qualified + ": ";
        if (!troubles.isEmpty()) {
            return FaultException.of(
                    Fault.NOT_FOUND, what + "no specification has it, and one is damaged", troubles.getFirst());
        }
        String kinds = specs().stream().map(CdiSpec::kind).distinct().collect(Collectors.joining(", "));
        return names.isEmpty()
                ? FaultException.of(
                        Fault.NOT_FOUND,
                        what + "no CDI specification on this node is for " + kind,
                        kinds.isEmpty() ? "there are none in /etc/cdi and /var/run/cdi" : "there are some for " + kinds)
                : FaultException.of(
                        Fault.NOT_FOUND,
                        what + "its kind has no such device",
                        Nearest.hint(name, names, "it has " + String.join(", ", names)));
    }

    private Optional<Found> single(String kind, String name) {
        for (List<CdiSpec> folder : folders) {
            List<Found> found = folder.stream()
                    .filter(spec -> spec.kind().equals(kind))
                    .flatMap(spec -> spec.device(name).map(device -> new Found(spec, device)).stream())
                    .toList();
            if (found.size() > 1) {
                throw FaultException.of(
                        Fault.CORRUPT,
                        "looking for device " + kind + "=" + name + ": "
                                + found.stream()
                                        .map(each -> each.spec().file().toString())
                                        .collect(Collectors.joining(" and "))
                                + " both have it",
                        "remove one of them");
            }
            if (!found.isEmpty()) {
                return Optional.of(found.getFirst());
            }
        }
        return Optional.empty();
    }

    private List<CdiSpec> specs() {
        return folders.stream().flatMap(List::stream).toList();
    }
}
