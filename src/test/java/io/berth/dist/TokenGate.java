package io.berth.dist;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Stands before a registry, lets nobody pass without a bearer token, and gives out tokens.
///
/// Source: distribution 2.8, "Token Authentication Specification".
final class TokenGate implements AutoCloseable {
    enum Habit {
        /// Anybody gets a token that opens.
        OPEN,
        /// Gives a token that opens nothing.
        LYING,
        /// Gives no token.
        REFUSING,
        /// Answers something that is no JSON.
        BABBLING
    }

    private static final String GOOD = "good-token";

    private final URI registry;
    private final HttpServer server;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Habit habit = Habit.OPEN;

    TokenGate(URI registry) {
        this.registry = registry;
        try {
            this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/token", this::token);
        server.createContext("/v2/", this::pass);
        server.start();
    }

    String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    void is(Habit newHabit) {
        habit = newHabit;
    }

    /// The queries of the requests for tokens.
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void token(HttpExchange exchange) throws IOException {
        asked.add(String.valueOf(exchange.getRequestURI().getQuery()));
        switch (habit) {
            case OPEN -> say(exchange, 200, "{\"token\":\"" + GOOD + "\",\"expires_in\":300,\"more\":[1]}");
            case LYING -> say(exchange, 200, "{\"access_token\":\"worthless\"}");
            case REFUSING -> say(exchange, 401, "{\"details\":\"incorrect username or password\"}");
            case BABBLING -> say(exchange, 200, "<html>welcome</html>");
        }
    }

    private void pass(HttpExchange exchange) throws IOException {
        if (!("Bearer " + GOOD).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders()
                    .set(
                            "WWW-Authenticate",
                            "Bearer realm=\"http://" + address()
                                    + "/token\",service=\"gate\",scope=\"repository:berth/busybox:pull\"");
            say(exchange, 401, "{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"authentication required\"}]}");
            return;
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(registry.resolve(exchange.getRequestURI()))
                .GET();
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (name.equalsIgnoreCase("Accept") || name.equalsIgnoreCase("Range")) {
                values.forEach(value -> request.header(name, value));
            }
        });
        try (exchange) {
            HttpResponse<InputStream> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            for (String name : List.of("Content-Type", "Docker-Content-Digest", "Content-Range")) {
                answer.headers()
                        .firstValue(name)
                        .ifPresent(value -> exchange.getResponseHeaders().set(name, value));
            }
            exchange.sendResponseHeaders(
                    answer.statusCode(),
                    answer.headers().firstValueAsLong("Content-Length").orElse(0));
            answer.body().transferTo(exchange.getResponseBody());
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static void say(HttpExchange exchange, int status, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.close();
        http.close();
    }
}
