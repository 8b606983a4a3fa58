package io.berth.device;

import io.berth.container.InsideTree;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Shows the driver's files that the capabilities need, each where programs will find it.
final class DriverFiles {
    private static final List<String> PROGRAM_FOLDERS = List.of(
            "/usr/bin", "/bin", "/usr/sbin", "/opt/bin", "/usr/lib/nvidia/current", "/run/current-system/sw/bin");
    private static final List<String> RUN_FOLDERS = List.of("/run", "/var/run");
    private static final String MPS = "CUDA_MPS_PIPE_DIRECTORY";

    private final InsideTree host;
    private final NvidiaDriver driver;
    private final Placement placement;
    private final Set<Capability> wanted;
    private final Finding finding;

    DriverFiles(InsideTree host, NvidiaDriver driver, Placement placement, Set<Capability> wanted, Finding finding) {
        this.host = host;
        this.driver = driver;
        this.placement = placement;
        this.wanted = wanted;
        this.finding = finding;
    }

    /// Errors: HOST_UNFIT when a library is missing without which a capability is none.
    void show(SaidVariables said) {
        libraries(64);
        if (wanted.contains(Capability.COMPAT32)) {
            libraries(32);
        }
        driver.dangling().forEach(link -> finding.missing(link + ": the link leads nowhere"));
        programs();
        configurations();
        sockets(said);
        firmware();
    }

    private void libraries(int bits) {
        Map<String, List<Capability>> stems = new LinkedHashMap<>();
        for (Capability capability : wanted) {
            capability
                    .libraries()
                    .forEach(stem ->
                            stems.computeIfAbsent(stem, _ -> new ArrayList<>()).add(capability));
        }
        stems.forEach((stem, capabilities) -> {
            String what = capabilities.stream().map(Capability::label).collect(Collectors.joining(", "));
            Optional<DriverLibrary> library = driver.library(stem, bits);
            library.ifPresentOrElse(
                    found -> {
                        finding.dependOn(found.file());
                        found.names()
                                .forEach(name -> finding.library(
                                        found.file(), bits, name, placement, what + "; found " + found.origin()));
                    },
                    () -> missing(stem, bits, what));
        });
    }

    private void missing(String stem, int bits, String what) {
        String name =
                stem + ".so" + driver.version().map(version -> "." + version).orElse("");
        boolean vital = (stem.equals("libcuda") && wanted.contains(Capability.COMPUTE))
                || (stem.equals("libnvidia-ml") && wanted.contains(Capability.UTILITY));
        if (bits == 64 && vital) {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "showing the NVIDIA driver: " + name + " (" + what
                            + ") is neither in the linker cache nor in the usual folders",
                    driver.dangling().isEmpty()
                            ? "install the driver's libraries on the node, or name their folder: lib_dirs_list_nvidia"
                            : driver.dangling().getFirst() + " leads nowhere: install the driver's libraries again");
        }
        finding.missing(name + (bits == 32 ? ", 32 bit" : "") + ": " + what);
    }

    private void programs() {
        for (Capability capability : wanted) {
            for (String program : capability.programs()) {
                Optional<Path> file = PROGRAM_FOLDERS.stream()
                        .flatMap(folder -> host.find(folder + "/" + program).stream())
                        .filter(found -> Files.isRegularFile(found) && Files.isExecutable(found))
                        .findFirst();
                file.ifPresentOrElse(
                        found -> finding.program(found, program, capability.label()),
                        () -> finding.missing(program + ": " + capability.label()));
            }
        }
    }

    /// @param need any of them
    /// @param places where loaders look, the host's in the order of preference
    /// @param variable that names the file where the image has none of the places; empty when there is none
    private record Configuration(Set<Capability> need, List<String> places, String variable) {}

    private static final List<Configuration> CONFIGURATIONS = List.of(
            new Configuration(Set.of(Capability.COMPUTE), List.of("/etc/OpenCL/vendors/nvidia.icd"), "OCL_ICD_VENDORS"),
            new Configuration(
                    Set.of(Capability.GRAPHICS),
                    List.of("/etc/vulkan/icd.d/nvidia_icd.json", "/usr/share/vulkan/icd.d/nvidia_icd.json"),
                    "VK_ADD_DRIVER_FILES"),
            new Configuration(
                    Set.of(Capability.GRAPHICS),
                    List.of(
                            "/etc/vulkan/implicit_layer.d/nvidia_layers.json",
                            "/usr/share/vulkan/implicit_layer.d/nvidia_layers.json"),
                    ""),
            new Configuration(
                    Set.of(Capability.GRAPHICS),
                    List.of("/usr/share/glvnd/egl_vendor.d/10_nvidia.json", "/etc/glvnd/egl_vendor.d/10_nvidia.json"),
                    "__EGL_VENDOR_LIBRARY_FILENAMES"),
            new Configuration(
                    Set.of(Capability.GRAPHICS),
                    List.of("/usr/share/egl/egl_external_platform.d/10_nvidia_wayland.json"),
                    ""),
            new Configuration(
                    Set.of(Capability.GRAPHICS),
                    List.of("/usr/share/egl/egl_external_platform.d/15_nvidia_gbm.json"),
                    ""),
            new Configuration(Set.of(Capability.GRAPHICS), List.of("/usr/share/nvidia/nvoptix.bin"), ""));

    private void configurations() {
        for (Configuration one : CONFIGURATIONS) {
            if (one.need().stream().noneMatch(wanted::contains)) {
                continue;
            }
            Optional<Path> file = one.places().stream()
                    .flatMap(place -> host.find(place).filter(Files::isRegularFile).stream())
                    .findFirst();
            String why = one.need().iterator().next().label();
            file.ifPresentOrElse(
                    found -> configuration(found, one, why),
                    () -> finding.missing(one.places().getFirst() + ": " + why));
        }
    }

    private void configuration(Path file, Configuration one, String why) {
        Optional<String> place = one.places().stream()
                .flatMap(path -> placement.at(path).stream())
                .findFirst();
        if (place.isPresent()) {
            finding.show("configuration", file, place.get(), why);
        } else if (one.variable().isEmpty()) {
            leftOut(file.toString());
        } else {
            String own = Placement.OWN + "/share/" + file.getFileName();
            finding.show("configuration", file, own, why);
            finding.set(one.variable(), own, "the image has no folder for " + file.getFileName());
        }
    }

    private void sockets(SaidVariables said) {
        for (Capability capability : wanted) {
            for (String socket : capability.sockets()) {
                RUN_FOLDERS.stream()
                        .flatMap(folder -> host.find(folder + "/" + socket).stream())
                        .findFirst()
                        .ifPresent(found -> placement
                                .at("/run/" + socket)
                                .ifPresentOrElse(
                                        target -> finding.show(Finding.SOCKET, found, target, capability.label()),
                                        () -> leftOut(found.toString())));
            }
        }
        String pipes = said.caller().getOrDefault(MPS, "/tmp/nvidia-mps");
        if (wanted.contains(Capability.COMPUTE) && pipes.matches("/.*[^/].*")) {
            host.find(pipes).filter(Files::isDirectory).ifPresent(folder -> {
                String own = Placement.OWN + "/mps";
                finding.show(Finding.SOCKET, folder, own, "compute: the multi-process service runs");
                finding.set(MPS, own, "where its sockets are");
            });
        }
    }

    /// The kernel reads it from the host; only old kernels did so from the container.
    private void firmware() {
        driver.version()
                .flatMap(version -> host.find("/lib/firmware/nvidia/" + version)
                        .or(() -> host.find("/usr/lib/firmware/nvidia/" + version)))
                .filter(Files::isDirectory)
                .ifPresent(folder -> placement
                        .at("/lib/firmware/nvidia/" + folder.getFileName())
                        .ifPresentOrElse(
                                target -> finding.show("firmware", folder, target, "utility"),
                                () -> leftOut(folder.toString())));
    }

    private void leftOut(String what) {
        finding.say(
                "left out",
                what + ": the image has no folder for it, and making one would lock another of its folders");
    }
}
