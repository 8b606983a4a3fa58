package io.berth.registry.http;

import io.berth.registry.http.Connector.Route;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Sends single requests and keeps connections for the next ones. Safe for several threads at once.
///
/// Not the JDK's clients: `java.net.http` takes twice the time for large bodies and knows no SOCKS; `HttpURLConnection`
/// knows SOCKS passwords only for the whole process, and no proxy behind TLS.
public final class HttpClient {
    private static final String CRLF = "\r\n";
    /// Servers close what is idle for longer than a few seconds; asking for each connection would cost a round trip.
    private static final long MAX_IDLE_NANOS = Duration.ofSeconds(10).toNanos();

    private static final int MAX_IDLE = 4;

    private final HttpOptions options;
    private final Connector connector;
    private final Map<Route, Deque<Wire>> idle = new ConcurrentHashMap<>();

    public HttpClient(HttpOptions options) {
        this.options = options;
        this.connector = new Connector(options);
    }

    /// @param method `GET` or `HEAD`
    /// @param uri absolute, http or https
    /// @throws ProxyException when a proxy did not let us through
    public HttpAnswer send(String method, URI uri, Map<String, String> headers) throws IOException {
        Route route = route(uri);
        String head = head(method, uri, route, headers);
        for (Wire wire = take(route); wire != null; wire = take(route)) {
            try {
                return exchange(wire, route, method, head);
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                if (wire.hasHeard() || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                // the server had closed it: another one
            }
        }
        return exchange(connector.connect(route), route, method, head);
    }

    private HttpAnswer exchange(Wire wire, Route route, String method, String request) throws IOException {
        boolean done = false;
        try {
            wire.ask(request);
            Head head = Head.read(wire);
            if (route.isFetchedByProxy()) {
                Connector.refuseUnlessGood(route.proxy().orElseThrow(), head.status(), head.status() != 407);
            }
            Body body = Body.of(wire, head, method.equals("HEAD"), () -> give(route, wire));
            done = true;
            long length = head.contentLength();
            return new HttpAnswer(head, body, length < 0 ? OptionalLong.empty() : OptionalLong.of(length));
        } finally {
            if (!done) {
                wire.close();
            }
        }
    }

    private Route route(URI uri) throws ProtocolException {
        boolean secure = "https".equalsIgnoreCase(uri.getScheme());
        if ((!secure && !"http".equalsIgnoreCase(uri.getScheme())) || uri.getHost() == null) {
            throw new ProtocolException("not an http or https URL");
        }
        int usual = secure ? 443 : 80;
        return new Route(
                secure,
                uri.getHost(),
                uri.getPort() < 0 ? usual : uri.getPort(),
                options.proxies().to(uri));
    }

    private static String head(String method, URI uri, Route route, Map<String, String> headers)
            throws ProtocolException {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String resource = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        String authority = uri.getPort() < 0 ? uri.getHost() : uri.getHost() + ":" + uri.getPort();
        boolean byProxy = route.isFetchedByProxy();
        StringBuilder head = new StringBuilder(method + " ")
                .append(byProxy ? "http://" + authority : "")
                .append(resource)
                .append(" HTTP/1.1" + CRLF + "Host: ")
                .append(authority)
                .append(CRLF)
                .append(byProxy ? Connector.authorization(route.proxy().orElseThrow()) : "");
        for (Map.Entry<String, String> header : headers.entrySet()) {
            if (header.getValue().matches("(?s).*[\\r\\n\\x00].*")) {
                throw new ProtocolException("a header with a line end in it");
            }
            head.append(header.getKey()).append(": ").append(header.getValue()).append(CRLF);
        }
        return head.append("User-Agent: berth" + CRLF + "Accept-Encoding: identity" + CRLF + CRLF)
                .toString();
    }

    private @Nullable Wire take(Route route) {
        Deque<Wire> waiting = idle.get(route);
        if (waiting == null) {
            return null;
        }
        synchronized (waiting) {
            for (Wire wire = waiting.pollFirst(); wire != null; wire = waiting.pollFirst()) {
                if (wire.idleNanos() < MAX_IDLE_NANOS) {
                    return wire;
                }
                wire.close();
            }
        }
        return null;
    }

    private void give(Route route, Wire wire) {
        Deque<Wire> waiting = idle.computeIfAbsent(route, _ -> new ArrayDeque<>());
        wire.rest();
        synchronized (waiting) {
            if (waiting.size() < MAX_IDLE) {
                waiting.addFirst(wire);
                return;
            }
        }
        wire.close();
    }
}
