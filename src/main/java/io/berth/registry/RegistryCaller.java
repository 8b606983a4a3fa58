package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.Secret;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Sends an endpoint's request: retries, authorization, redirects, and the wording of what went wrong.
/// Safe for several threads at once.
///
/// Errors: NOT_FOUND and NOT_ALLOWED as the registry says; UNREACHABLE when the attempts are used up; INTERRUPTED.
record RegistryCaller(Transport transport, Authorizer authorizer, Retries retries) {
    private static final int MAX_REDIRECTS = 5;
    /// Once to get in, once more for a token that ran out.
    private static final int MAX_AUTHORIZATIONS = 2;

    <T> T call(Location location, Endpoint<T> endpoint) {
        for (int attempt = 1; ; attempt++) {
            Duration askedFor = Duration.ZERO;
            try {
                Answer answer = authorized(location, endpoint);
                if (answer.isGood()) {
                    return read(endpoint, answer);
                }
                Refusal refusal = Refusal.read(answer);
                answer.close();
                if (!refusal.isWorthARetry() || retries.isLast(attempt)) {
                    throw refusal.during(endpoint.doing());
                }
                askedFor = Retries.retryAfter(answer.header("Retry-After").orElse(""));
            } catch (IOException e) {
                NetworkTrouble trouble = NetworkTrouble.of(e);
                if (!trouble.isPassing() || retries.isLast(attempt)) {
                    String host = e instanceof UnreachedException unreached ? unreached.host() : location.host();
                    throw trouble.during(endpoint.doing(), host, e);
                }
            }
            retries.pauseAfter(attempt, askedFor, endpoint.doing());
        }
    }

    private static <T> T read(Endpoint<T> endpoint, Answer answer) throws IOException {
        try {
            return endpoint.read(answer);
        } catch (IOException | FaultException e) {
            answer.abandon();
            throw e;
        }
    }

    private Answer authorized(Location location, Endpoint<?> endpoint) throws UnreachedException {
        URI uri = location.resource(endpoint.route());
        Secret shown = authorizer.known(location);
        Answer answer = followed(uri, endpoint, shown);
        for (int i = 0; i < MAX_AUTHORIZATIONS && answer.status() == 401 && maySee(uri, answer.uri()); i++) {
            shown = authorizer.next(location, answer, shown);
            if (shown.equals(Authorizer.NONE)) {
                break;
            }
            answer.close();
            answer = followed(uri, endpoint, shown);
        }
        return answer;
    }

    private Answer followed(URI uri, Endpoint<?> endpoint, Secret authorization) throws UnreachedException {
        URI target = uri;
        for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
            Map<String, String> headers = new LinkedHashMap<>(endpoint.headers());
            if (!authorization.equals(Authorizer.NONE) && maySee(uri, target)) {
                headers.put("Authorization", authorization.reveal());
            }
            Answer answer = transport.get(target, headers);
            if (!answer.isRedirect()) {
                return answer;
            }
            target = nextOf(answer, endpoint);
            answer.close();
        }
        throw astray(endpoint, uri.getRawAuthority(), "more than " + MAX_REDIRECTS + " redirects");
    }

    private static URI nextOf(Answer answer, Endpoint<?> endpoint) {
        try {
            URI next = answer.uri().resolve(answer.header("Location").orElse("nowhere:"));
            String scheme = String.valueOf(next.getScheme()).toLowerCase(Locale.ROOT);
            if (next.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
                return next;
            }
        } catch (IllegalArgumentException e) {
            // told below
        }
        answer.close();
        throw astray(endpoint, answer.host(), "a redirect that leads nowhere");
    }

    private static FaultException astray(Endpoint<?> endpoint, String host, String what) {
        return FaultException.of(
                Fault.UNREACHABLE, endpoint.doing() + " from " + host + ": " + what, "tell whoever runs " + host);
    }

    /// Whether `target` may see what was meant for `origin`: the same host and port, and not in the clear after TLS.
    static boolean maySee(URI origin, URI target) {
        boolean wasSecure = origin.getScheme().equalsIgnoreCase("https");
        boolean isSecure = target.getScheme().equalsIgnoreCase("https");
        return origin.getHost().equalsIgnoreCase(target.getHost())
                && portOf(origin) == portOf(target)
                && (isSecure || !wasSecure);
    }

    private static int portOf(URI uri) {
        if (uri.getPort() >= 0) {
            return uri.getPort();
        }
        return uri.getScheme().equalsIgnoreCase("https") ? 443 : 80;
    }
}
