package io.berth.registry;

import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Credentials;
import io.berth.registry.auth.Secret;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A client that does not really wait; `pauses` are the waits it would have made.
record ClientFixture(RegistryClient client, List<Duration> pauses) {
    static final Platform AMD64 = Platform.parse("linux/amd64");

    static ClientFixture plain() {
        return of(options("https://registry-1.docker.io"));
    }

    static ClientFixture of(RegistryOptions options) {
        return of(options, Credentials.none());
    }

    static ClientFixture of(RegistryOptions options, Credentials credentials) {
        List<Duration> pauses = new CopyOnWriteArrayList<>();
        return new ClientFixture(new RegistryClient(options, credentials, pauses::add), pauses);
    }

    static RegistryOptions options(String defaultRegistry) {
        return options(defaultRegistry, false);
    }

    static RegistryOptions options(String defaultRegistry, boolean insecure) {
        return new RegistryOptions(
                defaultRegistry,
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                insecure,
                Duration.ofSeconds(5),
                Duration.ofMillis(500),
                4);
    }

    static RegistryOptions withMirror(RegistryOptions options, String host, URI... bases) {
        LinkedHashMap<String, List<URI>> mirrors = new LinkedHashMap<>();
        mirrors.put(host, List.of(bases));
        return new RegistryOptions(
                options.defaultRegistry(),
                mirrors,
                options.plainHttpHosts(),
                options.insecure(),
                options.connectTimeout(),
                options.idleTimeout(),
                options.attempts());
    }

    static Credentials user(String name, String password) {
        return host -> Optional.of(new Credential(name, new Secret(password)));
    }

    static ImageReference reference(String text) {
        return ImageReference.parse(text);
    }
}
