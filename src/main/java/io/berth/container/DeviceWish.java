package io.berth.container;

import java.util.List;

/// Hardware of the host that the user wants to see inside, by what it is rather than by its files.
///
/// @param cdi names `VENDOR/CLASS=DEVICE` that specifications of this host explain
/// @param classes of fabric devices, shown where the host has them
public record DeviceWish(Nvidia nvidia, List<String> cdi, List<String> classes) {
    public DeviceWish {
        cdi = List.copyOf(cdi);
        classes = List.copyOf(classes);
    }

    /// Whether NVIDIA's driver is shown.
    public enum Nvidia {
        NO,
        IF_PRESENT,
        REQUIRED
    }

    public static DeviceWish none() {
        return new DeviceWish(Nvidia.NO, List.of(), List.of());
    }

    /// Whether a word of `--device` is a CDI name rather than the path of a device.
    public static boolean isCdi(String word) {
        return !word.startsWith("/") && word.contains("=");
    }

    /// The same with the driver where the host has one.
    public DeviceWish withDriverIfPresent() {
        return nvidia == Nvidia.NO ? new DeviceWish(Nvidia.IF_PRESENT, cdi, classes) : this;
    }
}
