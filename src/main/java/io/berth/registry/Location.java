package io.berth.registry;

import java.net.URI;

/// One place where a repository may be found.
///
/// @param base scheme, host and port; a path only for an index
/// @param repository the name as that place knows it, for example `library/debian`
record Location(URI base, String repository, Kind kind) {
    /// Decides which failure makes us look at the next place.
    enum Kind {
        /// A copy that a site set up: whatever is wrong with it, the registry itself is asked next.
        MIRROR,
        /// What the name says.
        REGISTRY
    }

    String host() {
        return base.getRawAuthority();
    }

    /// The registry itself, for what belongs to no repository.
    static Location whole(URI base) {
        return new Location(base, "", Kind.REGISTRY);
    }

    /// @param route the rest of the path, for example `manifests/latest`
    URI resource(String route) {
        return repository.isEmpty()
                ? URI.create(base.getScheme() + "://" + base.getRawAuthority() + "/v2/" + route)
                : URI.create(base + "/v2/" + repository + "/" + route);
    }

    /// The scope that lets us read, empty for the whole registry; for registries that do not name it.
    String pullScope() {
        return repository.isEmpty() ? "" : "repository:" + repository + ":pull";
    }
}
