package io.berth.fake;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One request that [FakeRegistry] saw. Header names as the server capitalises them (`Authorization`, `Range`).
///
/// @param query as sent, empty when there was none
public record FakeRegistryRequest(String method, String path, String query, Map<String, List<String>> headers) {
    static FakeRegistryRequest of(HttpExchange exchange) {
        return new FakeRegistryRequest(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getPath(),
                Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse(""),
                new Headers(exchange.getRequestHeaders()));
    }

    public Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    @Override
    public String toString() {
        return method + " " + path;
    }
}
