package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The driver of this host: which release counts, and its libraries.
///
/// The release of the module that runs decides, since others do not work with it; without a module, the highest that is
/// complete.
///
/// @param version absent when the libraries do not say it
/// @param why this release
/// @param libraries of that release, and of none
/// @param loaded whether the module runs, so that there is a GPU
record NvidiaDriver(
        Optional<DriverVersion> version,
        String why,
        List<DriverLibrary> libraries,
        List<String> dangling,
        List<String> models,
        boolean loaded) {
    private static final String MODULE = "/proc/driver/nvidia/version";
    private static final String GPUS = "/proc/driver/nvidia/gpus";
    /// Without them there is no driver worth its name.
    private static final Set<String> ESSENTIAL = Set.of("libcuda", "libnvidia-ml");

    NvidiaDriver {
        libraries = List.copyOf(libraries);
        dangling = List.copyOf(dangling);
        models = List.copyOf(models);
    }

    /// @param folders that somebody named
    static NvidiaDriver find(InsideTree host, List<String> folders) {
        Set<String> stems = Stream.of(Capability.values())
                .flatMap(one -> one.libraries().stream())
                .collect(Collectors.toSet());
        LibrarySearch.Result found = new LibrarySearch(host, folders).find(stems);
        Optional<DriverVersion> module = module(host);
        boolean loaded = module.isPresent() || host.find("/dev/nvidia0").isPresent();
        Optional<DriverVersion> version = module.or(() -> highestComplete(found.libraries()));
        String why =
                module.isPresent() ? "the kernel module's" : "the highest that is complete; no kernel module says one";
        List<DriverLibrary> fitting = found.libraries().stream()
                .filter(library ->
                        library.version().isEmpty() || library.version().equals(version))
                .toList();
        NvidiaDriver driver = new NvidiaDriver(version, why, fitting, found.dangling(), models(host), loaded);
        driver.refuseMismatch(found.libraries());
        return driver;
    }

    static Optional<DriverVersion> module(InsideTree host) {
        return host.find(MODULE).flatMap(file -> DriverVersion.ofModule(text(file)));
    }

    static List<String> models(InsideTree host) {
        List<String> models = new ArrayList<>();
        for (Path gpu : host.entries(GPUS)) {
            text(gpu.resolve("information"))
                    .lines()
                    .filter(line -> line.startsWith("Model:"))
                    .forEach(
                            line -> models.add(line.substring("Model:".length()).strip()));
        }
        return models;
    }

    /// Whether the host has any of it.
    boolean isThere() {
        return libraries.stream().anyMatch(library -> ESSENTIAL.contains(library.stem()));
    }

    /// The best file for a library: one of the release before one without.
    Optional<DriverLibrary> library(String stem, int bits) {
        List<DriverLibrary> all = libraries.stream()
                .filter(library ->
                        library.stem().equals(stem) && library.shared().bits() == bits)
                .toList();
        return all.stream()
                .filter(library -> library.version().isPresent())
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    private void refuseMismatch(List<DriverLibrary> all) {
        List<DriverVersion> others = versionsOf(all, "libcuda").stream()
                .filter(other -> !Optional.of(other).equals(version))
                .toList();
        if (library("libcuda", 64).isEmpty() && loaded && !others.isEmpty()) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "looking for the NVIDIA driver: the kernel module is "
                            + version.map(DriverVersion::text).orElse("unknown") + ", and the libraries here are of "
                            + join(others),
                    "load the module of the libraries (a restart of the node does), or install libraries of the module's release");
        }
    }

    private static Optional<DriverVersion> highestComplete(List<DriverLibrary> all) {
        Set<DriverVersion> complete = new TreeSet<>(versionsOf(all, "libcuda"));
        complete.retainAll(versionsOf(all, "libnvidia-ml"));
        Set<DriverVersion> any = complete.isEmpty() ? new TreeSet<>(versionsOf(all, "libcuda")) : complete;
        return any.stream().max(Comparator.naturalOrder());
    }

    private static List<DriverVersion> versionsOf(List<DriverLibrary> all, String stem) {
        return all.stream()
                .filter(library ->
                        library.stem().equals(stem) && library.shared().bits() == 64)
                .flatMap(library -> library.version().stream())
                .distinct()
                .sorted()
                .toList();
    }

    private static String join(List<DriverVersion> versions) {
        return versions.stream().map(DriverVersion::text).collect(Collectors.joining(", "));
    }

    /// Empty when it cannot be read: it only helps.
    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }
}
