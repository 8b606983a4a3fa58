package io.berth.registry;

import io.berth.registry.http.HttpClient;
import java.io.IOException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Sends one request and nothing else: no redirect, no authorization of its own, no retry. Safe for several threads at
/// once.
final class Transport {
    private final HttpClient client;
    private final Set<String> tlsHosts = ConcurrentHashMap.newKeySet();

    Transport(RegistryOptions options) {
        this.client = new HttpClient(options.http());
    }

    /// @throws UnreachedException when no answer came
    Answer get(URI uri, Map<String, String> headers) throws UnreachedException {
        return ask("GET", uri, headers);
    }

    /// @param method `GET` or `HEAD`
    /// @throws UnreachedException when no answer came
    Answer ask(String method, URI uri, Map<String, String> headers) throws UnreachedException {
        URI target = tlsHosts.contains(uri.getRawAuthority()) ? secured(uri) : uri;
        try {
            Answer answer = send(method, target, headers);
            return mayHideTls(target) && answer.status() == 400 ? unlessTls(answer, method, headers) : answer;
        } catch (UnreachedException e) {
            throw e;
        } catch (IOException e) {
            throw new UnreachedException(target, e);
        }
    }

    /// A TLS server that was asked in plain text says so in words (Go, nginx, Apache). One that only sends an alert
    /// looks like a broken connection here, and is not guessed at.
    private Answer unlessTls(Answer answer, String method, Map<String, String> headers) throws UnreachedException {
        String text = answer.errorText();
        if (text.contains("HTTPS") || text.contains("SSL")) {
            answer.close();
            return askSecured(method, answer.uri(), headers);
        }
        return answer.withBody(text);
    }

    private Answer askSecured(String method, URI uri, Map<String, String> headers) throws UnreachedException {
        URI target = secured(uri);
        try {
            Answer answer = send(method, target, headers);
            tlsHosts.add(uri.getRawAuthority());
            return answer;
        } catch (IOException e) {
            throw new UnreachedException(target, e);
        }
    }

    private Answer send(String method, URI uri, Map<String, String> headers) throws IOException {
        if (uri.getPort() > 65535) {
            throw new NoRouteToHostException("no such port");
        }
        return Answer.of(uri, client.send(method, uri, headers));
    }

    private static boolean mayHideTls(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme());
    }

    private static URI secured(URI uri) {
        return URI.create(uri.toString().replaceFirst("^(?i)http:", "https:"));
    }
}
