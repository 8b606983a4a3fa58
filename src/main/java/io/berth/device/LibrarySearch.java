package io.berth.device;

import io.berth.container.InsideTree;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// Finds every library of the driver that the host has, of all releases: where the dynamic linker looks first, then in
/// the folders that distributions use.
///
/// @param host its root, in which links are followed
/// @param folders that somebody named, before the usual ones
record LibrarySearch(InsideTree host, List<String> folders) {
    /// For linking only: they do nothing.
    private static final String STUBS = "stubs";

    private static final String CACHE = "/etc/ld.so.cache";
    private static final List<String> USUAL = List.of(
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/x86_64-linux-gnu/nvidia/current",
            "/usr/lib/aarch64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu/nvidia/current",
            "/usr/lib64",
            "/usr/lib64/nvidia",
            "/lib64",
            "/lib/x86_64-linux-gnu",
            "/lib/aarch64-linux-gnu",
            "/usr/lib",
            "/usr/lib/nvidia",
            "/usr/lib/nvidia/current",
            "/usr/lib/wsl/lib",
            "/run/opengl-driver/lib",
            "/opt/nvidia/lib64",
            "/usr/lib/i386-linux-gnu",
            "/usr/lib/i386-linux-gnu/nvidia/current",
            "/usr/lib32",
            "/lib/i386-linux-gnu",
            "/run/opengl-driver-32/lib");

    /// @param libraries in the order in which the linker would take them
    /// @param dangling links that lead nowhere
    record Result(List<DriverLibrary> libraries, List<String> dangling) {
        Result {
            libraries = List.copyOf(libraries);
            dangling = List.copyOf(dangling);
        }
    }

    /// @param stems names up to `.so`
    Result find(Set<String> stems) {
        SequencedMap<String, String> places = places(stems);
        SequencedMap<Path, DriverLibrary> found = new LinkedHashMap<>();
        List<String> dangling = new ArrayList<>();
        Set<Path> seen = new LinkedHashSet<>();
        for (Map.Entry<String, String> place : places.entrySet()) {
            Optional<Path> folder = host.find(place.getKey()).filter(Files::isDirectory);
            if (folder.isEmpty() || folder.get().endsWith(STUBS) || !seen.add(folder.get())) {
                continue;
            }
            for (Path entry : host.entries(place.getKey())) {
                String name = entry.getFileName().toString();
                String stem = stem(name);
                if (stems.contains(stem)) {
                    String path = place.getKey() + "/" + name;
                    Optional<Path> file = host.find(path).filter(Files::isRegularFile);
                    if (file.isEmpty()) {
                        dangling.add(path);
                    }
                    file.flatMap(real -> library(stem, real, place.getValue()))
                            .ifPresent(library -> found.putIfAbsent(library.file(), library));
                }
            }
        }
        return new Result(List.copyOf(found.values()), dangling);
    }

    private static Optional<DriverLibrary> library(String stem, Path file, String origin) {
        return SharedObject.read(file)
                .filter(SharedObject::isForThisMachine)
                .map(shared -> new DriverLibrary(stem, file, shared, origin));
    }

    private static String stem(String name) {
        int at = name.indexOf(".so");
        boolean library = at > 0 && (name.length() == at + 3 || name.charAt(at + 3) == '.');
        return library ? name.substring(0, at) : "";
    }

    private SequencedMap<String, String> places(Set<String> stems) {
        SequencedMap<String, String> places = new LinkedHashMap<>();
        folders.stream()
                .filter(folder -> folder.startsWith("/"))
                .forEach(folder -> places.put(folder, "in a folder that was set"));
        Optional<Path> cache = host.find(CACHE);
        if (cache.isPresent()) {
            for (LinkerCache.Entry entry : LinkerCache.read(cache.get()).entries()) {
                int slash = entry.path().lastIndexOf('/');
                if (slash > 0 && stems.contains(stem(entry.name()))) {
                    places.putIfAbsent(entry.path().substring(0, slash), "by the linker cache");
                }
            }
        }
        USUAL.forEach(folder -> places.putIfAbsent(folder, "in a usual folder"));
        versioned().forEach(folder -> places.putIfAbsent(folder, "in a usual folder"));
        return places;
    }

    /// Older packages have a folder for each release.
    private List<String> versioned() {
        List<String> found = new ArrayList<>();
        for (String parent : List.of("/usr/lib", "/usr/lib64", "/usr/lib32")) {
            host.entries(parent).stream()
                    .map(entry -> entry.getFileName().toString())
                    .filter(name -> name.matches("nvidia-[0-9]+.*"))
                    .sorted()
                    .forEach(name -> found.add(parent + "/" + name));
        }
        return found;
    }
}
