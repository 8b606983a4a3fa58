package io.berth.engine;

import io.berth.elf.ImageFacts;
import io.berth.image.Platform;
import java.nio.file.Path;
import java.util.List;

/// Whether a tree's programs are for another processor than this machine's.
public final class ForeignMachine {
    private ForeignMachine() {}

    /// What an image says of itself is believed only when its programs say so too: many say what they were built on.
    ///
    /// @param platform of the image
    /// @return as `uname -m` says it; empty when this machine runs the programs itself
    public static String of(Platform platform, Path root) {
        Platform host = Platform.host();
        if (isNative(platform)) {
            return "";
        }
        // imported trees say nothing
        String found =
                ImageFacts.read(root, List.of(), "/bin/sh", "/bin:/usr/bin").machine();
        String machine = found.isEmpty() ? machine(platform.architecture()) : found;
        return machine.equals(Platform.machine())
                        || (machine.equals("i386") && host.architecture().equals("amd64"))
                ? ""
                : machine;
    }

    /// Whether the image itself says that it is for this machine, so that nobody has to look.
    public static boolean isNative(Platform platform) {
        Platform host = Platform.host();
        String image = platform.architecture();
        return image.equals(host.architecture())
                || (image.equals("386") && host.architecture().equals("amd64"));
    }

    private static String machine(String architecture) {
        return switch (architecture) {
            case "amd64" -> "x86_64";
            case "arm64" -> "aarch64";
            case "386" -> "i386";
            case "unknown" -> Platform.machine();
            default -> architecture;
        };
    }
}
