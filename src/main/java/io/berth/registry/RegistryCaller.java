package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.Credentials;
import io.berth.registry.auth.Secret;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Sends an endpoint's request: retries, authorization, redirects. Safe for several threads at once.
///
/// Errors: those of [Retries#answer].
record RegistryCaller(Transport transport, Authorizer authorizer, Retries retries) {
    private static final int MAX_REDIRECTS = 5;
    /// Once to get in, once more for a token that ran out.
    private static final int MAX_AUTHORIZATIONS = 2;

    static RegistryCaller of(RegistryOptions options, Credentials credentials, Retries.Pause pause) {
        Transport transport = new Transport(options);
        Retries retries = new Retries(options.attempts(), pause);
        return new RegistryCaller(transport, new Authorizer(credentials, new Tokens(transport, retries)), retries);
    }

    <T> T call(Location location, Endpoint<T> endpoint) {
        return retries.answer(endpoint.doing(), location.host(), () -> authorized(location, endpoint), endpoint::read);
    }

    private Answer authorized(Location location, Endpoint<?> endpoint) throws UnreachedException {
        URI uri = endpoint.at(location);
        if (endpoint.leadsAway()) {
            return followed(uri, endpoint, Authorizer.NONE);
        }
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
            Answer answer = transport.ask(endpoint.method(), target, headers);
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
