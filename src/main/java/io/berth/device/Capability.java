package io.berth.device;

import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/// A part of the driver that programs may need, and the files that make it.
///
/// Source: the documentation of NVIDIA's container toolkit, "NVIDIA_DRIVER_CAPABILITIES"; what NVIDIA's driver
/// packages of releases 450 to 580 hold.
enum Capability {
    UTILITY(
            "libnvidia-ml libnvidia-cfg libnvidia-nscq",
            "nvidia-smi nvidia-debugdump nvidia-persistenced",
            "nvidia-persistenced/socket nvidia-fabricmanager/socket"),
    COMPUTE(
            "libcuda libcudadebugger libnvidia-opencl libnvidia-gpucomp libnvidia-ptxjitcompiler"
                    + " libnvidia-fatbinaryloader libnvidia-allocator libnvidia-compiler libnvidia-pkcs11"
                    + " libnvidia-pkcs11-openssl3 libnvidia-nvvm libnvidia-nvvm70",
            "nvidia-cuda-mps-control nvidia-cuda-mps-server",
            ""),
    VIDEO("libnvidia-encode libnvcuvid libnvidia-opticalflow libvdpau_nvidia", "", ""),
    GRAPHICS(
            "libGLX_nvidia libEGL_nvidia libGLESv2_nvidia libGLESv1_CM_nvidia libnvidia-eglcore libnvidia-glcore"
                    + " libnvidia-tls libnvidia-glsi libnvidia-glvkspirv libnvidia-gpucomp libnvidia-rtcore"
                    + " libnvoptix libnvidia-cbl libnvidia-api libnvidia-allocator libnvidia-egl-gbm"
                    + " libnvidia-egl-wayland libnvidia-egl-xcb libnvidia-egl-xlib libnvidia-vulkan-producer",
            "",
            ""),
    DISPLAY("libnvidia-fbc libnvidia-ifr", "", ""),
    NGX("libnvidia-ngx", "", ""),
    /// The same libraries for 32-bit programs.
    COMPAT32("", "", "");

    static final Set<Capability> USUAL = Set.of(UTILITY, COMPUTE);
    private static final String ALL = "all";

    /// Separated by blanks, as the others.
    private final String libraries;

    private final String programs;
    private final String sockets;

    Capability(String libraries, String programs, String sockets) {
        this.libraries = libraries;
        this.programs = programs;
        this.sockets = sockets;
    }

    /// Their names up to `.so`.
    List<String> libraries() {
        return words(libraries);
    }

    List<String> programs() {
        return words(programs);
    }

    /// Below the folder of what runs.
    List<String> sockets() {
        return words(sockets);
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Nothing means the usual ones; `display` needs `graphics` too.
    ///
    /// Errors: BAD_INPUT for a word that is none, unless strangers are passed over.
    static Set<Capability> parse(String text, boolean strict) {
        Set<Capability> found = EnumSet.noneOf(Capability.class);
        for (String word : text.strip().split("[,\\s]+")) {
            if (word.equals(ALL)) {
                return EnumSet.allOf(Capability.class);
            }
            List<Capability> meant =
                    Stream.of(values()).filter(one -> one.label().equals(word)).toList();
            if (meant.isEmpty() && strict && !word.isEmpty()) {
                List<String> known =
                        Arrays.stream(values()).map(Capability::label).toList();
                throw FaultException.badInput(
                        "reading NVIDIA_DRIVER_CAPABILITIES: '" + word + "' is none",
                        Nearest.hint(word, known, "they are all, " + String.join(", ", known)));
            }
            found.addAll(meant);
        }
        if (found.contains(DISPLAY)) {
            found.add(GRAPHICS);
        }
        return found.isEmpty() ? EnumSet.copyOf(USUAL) : found;
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }
}
