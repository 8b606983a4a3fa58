package io.berth.config;

import java.nio.file.Path;

/// Where configuration files are looked for, beside the user's.
///
/// @param distribution folder of the distribution, whose `etc/berth.conf` weighs least
/// @param system `/etc`
public record ConfigPlaces(Path distribution, Path system) {
    public static ConfigPlaces of(Path distribution) {
        return new ConfigPlaces(distribution, Path.of("/etc"));
    }
}
