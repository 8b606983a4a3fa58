package io.berth.registry.auth;

import java.util.Optional;

/// What the user has stored by logging in. Implementations are safe for use by several threads at once.
public interface Credentials {
    /// @param hostOrUrl the registry as it is asked: a URL without a path such as `https://quay.io` or
    ///     `http://127.0.0.1:5000`, or only host and port; Docker Hub is `https://registry-1.docker.io`
    Optional<Credential> forRegistry(String hostOrUrl);

    /// Those of another place where this one has none.
    default Credentials or(Credentials others) {
        return hostOrUrl -> forRegistry(hostOrUrl).or(() -> others.forRegistry(hostOrUrl));
    }

    static Credentials none() {
        return hostOrUrl -> Optional.empty();
    }
}
