package io.berth.fake;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;

/// What [FakeRegistry] does instead of answering well.
@FunctionalInterface
public interface FakeRegistryTrouble {
    /// @param good the body that a healthy registry would send; empty when it has none
    void strike(HttpExchange exchange, byte[] good) throws IOException;

    static FakeRegistryTrouble status(int status) {
        return status(status, "");
    }

    static FakeRegistryTrouble status(int status, String body) {
        return (exchange, good) -> FakeRegistryHttp.send(exchange, status, body.getBytes(FakeRegistryHttp.UTF_8));
    }

    /// These bytes, whatever was asked for.
    static FakeRegistryTrouble wholeBody(byte[] body) {
        return (exchange, good) -> FakeRegistryHttp.send(exchange, 200, body);
    }

    static FakeRegistryTrouble tooManyRequests(String retryAfter) {
        return (exchange, good) -> {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
            FakeRegistryHttp.send(exchange, 429, new byte[0]);
        };
    }

    /// Closes the connection without a word.
    static FakeRegistryTrouble drop() {
        return (exchange, good) -> exchange.close();
    }

    /// Promises everything asked for, sends the first bytes of it, and closes the connection.
    static FakeRegistryTrouble truncateAfter(int bytes) {
        return (exchange, good) -> {
            byte[] asked = FakeRegistryHttp.range(exchange, good);
            exchange.sendResponseHeaders(asked.length == good.length ? 200 : 206, asked.length);
            exchange.getResponseBody().write(asked, 0, Math.min(bytes, asked.length));
            exchange.getResponseBody().flush();
            exchange.close();
        };
    }

    /// The right number of bytes, the first one wrong.
    static FakeRegistryTrouble wrongBytes() {
        return (exchange, good) -> {
            byte[] wrong = good.clone();
            wrong[0] ^= 1;
            FakeRegistryHttp.send(exchange, 200, wrong);
        };
    }

    /// All of it whatever the Range.
    static FakeRegistryTrouble ignoreRange() {
        return (exchange, good) -> FakeRegistryHttp.send(exchange, 200, good);
    }

    /// All of it and then more, without a length.
    static FakeRegistryTrouble append(int bytes) {
        return (exchange, good) -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(Arrays.copyOf(good, good.length + bytes));
            exchange.close();
        };
    }

    /// Never stops, without a length.
    static FakeRegistryTrouble endless() {
        return (exchange, good) -> {
            exchange.sendResponseHeaders(200, 0);
            byte[] chunk = new byte[8192];
            while (true) {
                exchange.getResponseBody().write(chunk);
            }
        };
    }

    /// Says nothing for a while and then answers well.
    static FakeRegistryTrouble slow(Duration wait) {
        return (exchange, good) -> {
            try {
                Thread.sleep(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            FakeRegistryHttp.send(exchange, 200, good);
        };
    }

    static FakeRegistryTrouble redirect(URI target) {
        return (exchange, good) -> {
            exchange.getResponseHeaders().set("Location", target.toString());
            FakeRegistryHttp.send(exchange, 307, new byte[0]);
        };
    }

    /// The same path and query `?signature=hidden` on another server.
    static FakeRegistryTrouble redirectTo(FakeRegistry other) {
        return (exchange, good) -> redirect(
                        other.url().resolve(exchange.getRequestURI().getPath() + "?signature=hidden"))
                .strike(exchange, good);
    }
}
