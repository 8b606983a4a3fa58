package io.berth.registry;

import java.io.IOException;
import java.net.URI;
import java.util.Map;

/// One request to a registry, and what its answer means. Implementations hold no state.
///
/// Source: distribution-spec 1.1, "Endpoints".
interface Endpoint<T> {
    /// What is being done, for messages, for example `fetching manifest of alpine:3.20`.
    String doing();

    /// The path after the repository's name.
    String route();

    default String method() {
        return "GET";
    }

    default URI at(Location location) {
        return location.resource(route());
    }

    /// Whether it leads to a server that is none of the registry's: no authorization is shown there.
    default boolean leadsAway() {
        return false;
    }

    /// Headers beyond authorization.
    Map<String, String> headers();

    /// @param answer of status 200 or 206
    /// @throws IOException when the connection failed while reading; the request is then tried again
    T read(Answer answer) throws IOException;
}
