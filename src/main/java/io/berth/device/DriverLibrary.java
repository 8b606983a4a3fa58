package io.berth.device;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A library of the driver on this host.
///
/// @param stem its name up to `.so`
/// @param file where it really is
/// @param shared what it says of itself
/// @param origin how its folder was found
record DriverLibrary(String stem, Path file, SharedObject shared, String origin) {
    private static final String SUFFIX = ".so.";
    /// Programs ask for these by the name that is meant for linking.
    private static final Set<String> PLAIN = Set.of("libcuda", "libnvidia-opticalflow");

    /// What stands behind `.so.`; empty when nothing does.
    String suffix() {
        String name = file.getFileName().toString();
        int at = name.indexOf(SUFFIX);
        return at < 0 ? "" : name.substring(at + SUFFIX.length());
    }

    Optional<DriverVersion> version() {
        return DriverVersion.parse(suffix());
    }

    /// All names by which it must be found.
    List<String> names() {
        Set<String> names = new LinkedHashSet<>();
        names.add(file.getFileName().toString());
        String asked = shared.name();
        names.add(asked.isEmpty() || asked.contains("/") ? stem + ".so.1" : asked);
        if (PLAIN.contains(stem)) {
            names.add(stem + ".so");
        }
        return List.copyOf(names);
    }
}
