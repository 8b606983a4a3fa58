package io.berth.registry;

import io.berth.fault.FaultException;
import io.berth.registry.http.HttpOptions;
import io.berth.registry.http.Proxies;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;

/// What a site or a user may set.
///
/// Shape: base URLs are `http(s)://HOST[:PORT][/PREFIX]`; a prefix is put in front of the repository's name
/// (`https://harbor.example.org/hub` is asked for `/v2/hub/library/debian/...`, as Podman does with mirrors).
/// Errors: BAD_INPUT when a URL is none, or attempts are fewer than one.
///
/// @param defaultRegistry base URL for names without a host; without a scheme it is taken as https
/// @param mirrors from `HOST[:PORT]` as names spell it (`docker.io` for Docker Hub) to base URLs that are tried in
///     order before the registry itself
/// @param plainHttpHosts `HOST[:PORT]` of registries that have no TLS; those on loopback need not be listed
/// @param insecure certificates are not verified
/// @param idleTimeout how long a connection may be silent
/// @param attempts how often one request is tried in all when the network or the registry fails
/// @param index base URL of what is searched when no registry is named
/// @param named base URLs of registries that names spell otherwise, by what names spell
/// @param authorities files of certificates (PEM) that are believed besides Java's and the machine's
public record RegistryOptions(
        String defaultRegistry,
        SequencedMap<String, List<URI>> mirrors,
        SequencedSet<String> plainHttpHosts,
        boolean insecure,
        Duration connectTimeout,
        Duration idleTimeout,
        int attempts,
        String index,
        Map<String, URI> named,
        Proxies proxies,
        List<Path> authorities) {
    /// What Docker calls `docker.io`.
    public static final String DOCKER_HUB = "https://registry-1.docker.io";

    /// What is searched when one searches Docker Hub.
    public static final String DOCKER_INDEX = "https://hub.docker.com";

    public RegistryOptions {
        baseUrl(defaultRegistry);
        baseUrl(index);
        named = Map.copyOf(named);
        authorities = List.copyOf(authorities);
        SequencedMap<String, List<URI>> copied = new LinkedHashMap<>();
        mirrors.forEach((host, bases) -> copied.put(
                host, bases.stream().map(base -> baseUrl(base.toString())).toList()));
        mirrors = Collections.unmodifiableSequencedMap(copied);
        plainHttpHosts = Collections.unmodifiableSequencedSet(new LinkedHashSet<>(plainHttpHosts));
        if (attempts < 1) {
            throw FaultException.badInput(
                    "reading registry attempts '" + attempts + "': it is fewer than one", "one means: no retry");
        }
    }

    /// Docker Hub's index, no proxies, no authorities of one's own.
    public RegistryOptions(
            String defaultRegistry,
            SequencedMap<String, List<URI>> mirrors,
            SequencedSet<String> plainHttpHosts,
            boolean insecure,
            Duration connectTimeout,
            Duration idleTimeout,
            int attempts) {
        this(
                defaultRegistry,
                mirrors,
                plainHttpHosts,
                insecure,
                connectTimeout,
                idleTimeout,
                attempts,
                DOCKER_INDEX,
                Map.of(),
                Proxies.none(),
                List.of());
    }

    public static RegistryOptions defaults() {
        return new RegistryOptions(
                DOCKER_HUB,
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                false,
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                4);
    }

    /// The same with another index and other ways to reach servers.
    public RegistryOptions with(
            String otherIndex, Map<String, URI> otherNamed, Proxies otherProxies, List<Path> otherAuthorities) {
        return new RegistryOptions(
                defaultRegistry,
                mirrors,
                plainHttpHosts,
                insecure,
                connectTimeout,
                idleTimeout,
                attempts,
                otherIndex,
                otherNamed,
                otherProxies,
                otherAuthorities);
    }

    HttpOptions http() {
        return new HttpOptions(proxies, insecure, authorities, connectTimeout, idleTimeout);
    }

    /// The default registry as a base URL.
    URI defaultBase() {
        return baseUrl(defaultRegistry);
    }

    /// The index as a base URL.
    URI indexBase() {
        return baseUrl(index);
    }

    /// A base URL as users write it: without a scheme it is https.
    ///
    /// Errors: BAD_INPUT when it is none.
    public static URI baseUrl(String text) {
        String url = text.contains("://") ? text : "https://" + text;
        try {
            URI base = new URI(url.replaceAll("/+$", ""));
            boolean http = "http".equalsIgnoreCase(base.getScheme()) || "https".equalsIgnoreCase(base.getScheme());
            if (http && base.getHost() != null && base.getUserInfo() == null && base.getQuery() == null) {
                return base;
            }
        } catch (URISyntaxException e) {
            // told below
        }
        throw FaultException.badInput(
                "reading registry URL '" + text.replaceAll("//[^/@]*@", "//***@")
                        + "': it is not http(s)://HOST[:PORT]",
                "try https://registry.example.org");
    }
}
