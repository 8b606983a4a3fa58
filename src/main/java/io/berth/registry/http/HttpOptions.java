package io.berth.registry.http;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// How to reach servers.
///
/// @param insecure certificates are not verified
/// @param authorities a file of certificates (PEM) that are believed besides Java's and the machine's
/// @param idleTimeout how long a connection may be silent
public record HttpOptions(
        Proxies proxies, boolean insecure, Optional<Path> authorities, Duration connectTimeout, Duration idleTimeout) {}
