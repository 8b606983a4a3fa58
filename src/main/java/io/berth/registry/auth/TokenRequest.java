package io.berth.registry.auth;

import java.net.URI;
import java.util.Optional;

/// What a registry wants to see a token for.
///
/// Shape: `realm` is an absolute http or https URL, it may have a query of its own; `service` is empty when the
/// registry did not say; `scope` may hold several, separated by blanks.
/// Source: distribution, "Token Authentication Specification".
///
/// @param credential goes to the realm as Basic authorization; none asks for an anonymous token
public record TokenRequest(URI realm, String service, String scope, Optional<Credential> credential) {}
