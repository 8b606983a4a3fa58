package io.berth.registry.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How to reach servers.
///
/// @param insecure certificates are not verified
/// @param authorities files of certificates (PEM) that are believed besides Java's and the machine's
/// @param idleTimeout how long a connection may be silent
public record HttpOptions(
        Proxies proxies, boolean insecure, List<Path> authorities, Duration connectTimeout, Duration idleTimeout) {
    public HttpOptions {
        authorities = List.copyOf(authorities);
    }
}
