package io.berth.registry;

import io.berth.image.ImageReference;
import io.berth.registry.Location.Kind;
import io.berth.registry.auth.RegistryName;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/// Where the repository of a name may be found, in the order to ask.
///
/// Source: Docker's reading of names (`library/` for one component on Docker Hub); udocker 1.3, which puts
/// `library/` in front on every registry that is not named.
record Locations(RegistryOptions options) {
    private static final URI HUB_BASE = URI.create(RegistryOptions.DOCKER_HUB);

    List<Location> of(ImageReference reference) {
        URI base = reference.registry().map(this::baseOf).orElseGet(options::defaultBase);
        String host = reference.registry().orElseGet(base::getRawAuthority);
        boolean oneComponent = reference.path().indexOf('/') < 0;
        boolean hub = isHub(host);
        String path = hub && oneComponent ? "library/" + reference.path() : reference.path();

        List<Location> places = new ArrayList<>();
        mirrorsOf(host).forEach(mirror -> places.add(at(mirror, path, Kind.MIRROR)));
        places.add(at(base, path, Kind.REGISTRY));
        if (oneComponent && !hub && reference.registry().isEmpty()) {
            places.add(at(base, "library/" + path, Kind.REGISTRY));
        }
        return places;
    }

    private List<URI> mirrorsOf(String host) {
        return options.mirrors().entrySet().stream()
                .filter(entry -> entry.getKey().equals(host) || (isHub(host) && isHub(entry.getKey())))
                .flatMap(entry -> entry.getValue().stream())
                .toList();
    }

    /// What to ask for a registry that names spell so.
    URI baseOf(String host) {
        URI named = options.named().get(host);
        if (named != null || isHub(host)) {
            return named == null ? HUB_BASE : named;
        }
        boolean plain = isLoopback(host) || options.plainHttpHosts().contains(host);
        return URI.create((plain ? "http://" : "https://") + host);
    }

    static boolean isHub(String host) {
        return RegistryName.of(host).isHub();
    }

    private static boolean isLoopback(String host) {
        String name = host.replaceFirst(":[0-9]+$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static Location at(URI base, String path, Kind kind) {
        String prefix = base.getRawPath().replaceFirst("^/", "");
        URI root = URI.create(base.getScheme() + "://" + base.getRawAuthority());
        return new Location(root, prefix.isEmpty() ? path : prefix + "/" + path, kind);
    }
}
