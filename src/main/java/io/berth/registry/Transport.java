package io.berth.registry;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.HttpsURLConnection;

/// Sends one GET and nothing else: no redirect, no authorization of its own, no retry. Safe for several threads at
/// once.
///
/// `HttpURLConnection`, because it streams as fast as curl where `java.net.http` takes twice the time or more, and
/// computing nodes have few cores to spare (measured on JDK 25 with 1 GiB from loopback).
final class Transport {
    private final RegistryOptions options;
    private final Optional<UnverifiedTls> unverified;
    private final Set<String> tlsHosts = ConcurrentHashMap.newKeySet();

    Transport(RegistryOptions options) {
        this.options = options;
        this.unverified = options.insecure() ? Optional.of(UnverifiedTls.create()) : Optional.empty();
    }

    /// @throws UnreachedException when no answer came
    Answer get(URI uri, Map<String, String> headers) throws UnreachedException {
        URI target = tlsHosts.contains(uri.getRawAuthority()) ? secured(uri) : uri;
        try {
            Answer answer = send(target, headers);
            return mayHideTls(target) && answer.status() == 400 ? unlessTls(answer, headers) : answer;
        } catch (IOException e) {
            throw new UnreachedException(target, e);
        }
    }

    /// A TLS server that was asked in plain text says so in words (Go, nginx, Apache). One that only sends an alert
    /// looks like a broken connection here, and is not guessed at.
    private Answer unlessTls(Answer answer, Map<String, String> headers) throws UnreachedException {
        String text = answer.errorText();
        if (text.contains("HTTPS") || text.contains("SSL")) {
            answer.close();
            return getSecured(answer.uri(), headers);
        }
        return answer.withBody(text);
    }

    private Answer getSecured(URI uri, Map<String, String> headers) throws UnreachedException {
        URI target = secured(uri);
        try {
            Answer answer = send(target, headers);
            tlsHosts.add(uri.getRawAuthority());
            return answer;
        } catch (IOException e) {
            throw new UnreachedException(target, e);
        }
    }

    private Answer send(URI uri, Map<String, String> headers) throws IOException {
        if (uri.getPort() > 65535) {
            throw new NoRouteToHostException("no such port");
        }
        if (!(uri.toURL().openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException("not an http or https URL");
        }
        unverified.ifPresent(tls -> {
            if (connection instanceof HttpsURLConnection secure) {
                tls.applyTo(secure);
            }
        });
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setConnectTimeout(Math.toIntExact(options.connectTimeout().toMillis()));
        connection.setReadTimeout(Math.toIntExact(options.idleTimeout().toMillis()));
        connection.setRequestProperty("User-Agent", "berth");
        headers.forEach(connection::setRequestProperty);
        return Answer.of(uri, connection);
    }

    private static boolean mayHideTls(URI uri) {
        return "http".equalsIgnoreCase(uri.getScheme());
    }

    private static URI secured(URI uri) {
        return URI.create(uri.toString().replaceFirst("^(?i)http:", "https:"));
    }
}
