package io.berth.image;

import io.berth.fault.FaultException;
import java.util.Locale;

/// Operating system, architecture and variant that an image is for, in Go's names (`linux/arm64/v8`).
///
/// Shape: lower case; the variant is empty when there is none.
/// Source: OCI image-spec 1.1, image-index.md, "platform".
public record Platform(String os, String architecture, String variant) {
    public Platform {
        os = os.toLowerCase(Locale.ROOT);
        architecture = architecture.toLowerCase(Locale.ROOT);
        variant = variant.toLowerCase(Locale.ROOT);
    }

    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isEmpty() || parts[1].isEmpty() || text.endsWith("/")) {
            throw FaultException.badInput(
                    "reading platform '" + text + "': it is not os/architecture[/variant]", "try linux/amd64");
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
    }

    /// The platform of this machine.
    public static Platform host() {
        String arch = System.getProperty("os.arch", "");
        String go = switch (arch) {
            case "x86_64", "amd64" -> "amd64";
            case "aarch64" -> "arm64";
            case "arm" -> "arm";
            case "i386", "x86" -> "386";
            default -> arch;
        };
        return new Platform("linux", go, "");
    }

    /// What `uname -m` says here.
    public static String machine() {
        String arch = System.getProperty("os.arch", "");
        return arch.equals("amd64") ? "x86_64" : arch;
    }

    /// Whether an image for `offered` serves someone who asks for this platform. No variant asked for: any will do.
    public boolean accepts(Platform offered) {
        return os.equals(offered.os)
                && architecture.equals(offered.architecture)
                && (variant.isEmpty() || variant.equals(offered.variant));
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }
}
