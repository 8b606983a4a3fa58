package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.Challenge;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Credentials;
import io.berth.registry.auth.Secret;
import io.berth.registry.auth.TokenRequest;
import io.berth.registry.auth.TokenService;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Knows which `Authorization` opens which repository, and asks for another one when a registry refuses.
///
/// Tokens are kept per realm, service and scope until a registry refuses them. Several threads that are refused at once
/// cause one request for a token.
/// Source: distribution, "Token Authentication Specification"; RFC 7617 (Basic).
final class Authorizer {
    /// No authorization.
    static final Secret NONE = new Secret("");

    private final Credentials credentials;
    private final TokenService tokenService;
    private final Map<TokenRequest, Secret> tokens = new ConcurrentHashMap<>();
    private final Map<Location, Secret> opening = new ConcurrentHashMap<>();

    Authorizer(Credentials credentials, TokenService tokenService) {
        this.credentials = credentials;
        this.tokenService = tokenService;
    }

    /// The header value that opened this repository before.
    Secret known(Location location) {
        return opening.getOrDefault(location, NONE);
    }

    /// @param rejected the header value that this answer refused
    /// @return the header value to try next; NONE when there is nothing left to try
    synchronized Secret next(Location location, Answer refusal, Secret rejected) {
        List<Challenge> challenges = refusal.challenges();
        Secret next = tokenRequest(location, refusal.uri(), challenges)
                .map(request -> bearer(request, rejected))
                .or(() -> basic(location, challenges))
                .filter(header -> !header.equals(rejected))
                .orElse(NONE);
        opening.put(location, next);
        return next;
    }

    private Secret bearer(TokenRequest request, Secret rejected) {
        Secret kept = tokens.get(request);
        if (kept == null || kept.equals(rejected)) {
            kept = new Secret("Bearer " + tokenService.token(request));
            tokens.put(request, kept);
        }
        return kept;
    }

    private Optional<Secret> basic(Location location, List<Challenge> challenges) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme().equals("basic"))
                .findFirst()
                .flatMap(_ -> credential(location))
                .map(Credential::basic);
    }

    private Optional<TokenRequest> tokenRequest(Location location, URI registry, List<Challenge> challenges) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme().equals("bearer"))
                .flatMap(challenge -> realmOf(challenge).stream()
                        .map(realm -> new TokenRequest(
                                realm,
                                challenge.parameter("service").orElse(""),
                                challenge
                                        .parameter("scope")
                                        .filter(scope -> !scope.isBlank())
                                        .orElse(location.pullScope()),
                                credentialFor(realm, registry, location))))
                .findFirst();
    }

    private static Optional<URI> realmOf(Challenge challenge) {
        try {
            return challenge
                    .parameter("realm")
                    .map(URI::create)
                    .filter(realm -> String.valueOf(realm.getScheme()).matches("(?i)https?"))
                    .filter(realm -> realm.getHost() != null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /// A registry behind TLS must not make us send a password in the clear.
    private Optional<Credential> credentialFor(URI realm, URI registry, Location location) {
        Optional<Credential> credential = credential(location);
        if (credential.isPresent()
                && "https".equalsIgnoreCase(registry.getScheme())
                && !"https".equalsIgnoreCase(realm.getScheme())) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "asking " + realm.getRawAuthority() + " for a token to " + location.host()
                            + ": not done, it would show the password to the network (http)",
                    "log out to ask without a password, or tell whoever runs " + location.host());
        }
        return credential;
    }

    private Optional<Credential> credential(Location location) {
        return credentials.forRegistry(location.base().toString());
    }
}
