package io.berth.registry.auth;

import java.util.Locale;
import java.util.Set;

/// A registry, however it is written: bare, with a port, as a URL, with the path of Docker's first protocol.
///
/// Shape: `name` is host and port in lower case, without the port that the scheme has anyway; `docker.io` for every
/// name of Docker Hub. `scheme` is empty when none was written.
/// Source: Docker's `config.json`, which says `https://index.docker.io/v1/` for Docker Hub; udocker's keystore,
/// which says `https://registry-1.docker.io`.
public record RegistryName(String scheme, String name) {
    private static final String HUB = "docker.io";
    private static final Set<String> OF_HUB =
            Set.of(HUB, "index.docker.io", "registry-1.docker.io", "registry.docker.io", "hub.docker.com");

    public static RegistryName of(String text) {
        int colon = text.indexOf("://");
        String scheme = colon < 0 ? "" : text.substring(0, colon).toLowerCase(Locale.ROOT);
        String host = (colon < 0 ? text : text.substring(colon + 3))
                .replaceFirst("/.*$", "")
                .toLowerCase(Locale.ROOT);
        String usual = scheme.equals("http") ? ":80" : ":443";
        String name = host.endsWith(usual) ? host.substring(0, host.length() - usual.length()) : host;
        return new RegistryName(scheme, OF_HUB.contains(name) ? HUB : name);
    }

    public boolean isHub() {
        return name.equals(HUB);
    }
}
