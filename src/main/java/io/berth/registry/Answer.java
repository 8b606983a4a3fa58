package io.berth.registry;

import io.berth.registry.auth.Challenge;
import io.berth.registry.http.HttpAnswer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// One answer of one server; its body is still on the way.
///
/// @param uri what answered, after redirects
record Answer(URI uri, HttpAnswer http, InputStream body) implements AutoCloseable {
    private static final int MAX_ERROR_BYTES = 64 << 10;

    static Answer of(URI uri, HttpAnswer http) {
        return new Answer(uri, http, http.body());
    }

    int status() {
        return http.status();
    }

    boolean isGood() {
        return status() == 200 || status() == 206;
    }

    boolean isRedirect() {
        return switch (status()) {
            case 301, 302, 303, 307, 308 -> true;
            default -> false;
        };
    }

    String host() {
        return uri.getRawAuthority();
    }

    Optional<String> header(String name) {
        return http.header(name);
    }

    OptionalLong contentLength() {
        return http.contentLength();
    }

    List<Challenge> challenges() {
        return Challenge.parse(http.headers("WWW-Authenticate"));
    }

    /// The beginning of a body that is not what we asked for; empty when it cannot be read.
    String errorText() {
        try {
            return new String(body.readNBytes(MAX_ERROR_BYTES), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    /// The same answer after someone looked into its body.
    Answer withBody(String text) {
        return new Answer(uri, http, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// For an answer that was read to its end: the connection serves the next request.
    @Override
    public void close() {
        try {
            http.body().close();
        } catch (IOException e) {
            abandon();
        }
    }

    /// For an answer that nobody reads on: closing it politely would read the rest.
    void abandon() {
        http.abandon();
    }
}
