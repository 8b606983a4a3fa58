package io.berth.registry;

import io.berth.registry.auth.Challenge;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.ProtocolException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// One answer of one server; its body is still on the way.
///
/// @param uri what answered, after redirects
record Answer(URI uri, int status, HttpURLConnection connection, InputStream body) implements AutoCloseable {
    private static final int MAX_ERROR_BYTES = 64 << 10;

    static Answer of(URI uri, HttpURLConnection connection) throws IOException {
        int status = connection.getResponseCode();
        if (status < 0) {
            throw new ProtocolException("the answer is not HTTP");
        }
        InputStream body = status >= 400 ? connection.getErrorStream() : connection.getInputStream();
        return new Answer(uri, status, connection, body == null ? InputStream.nullInputStream() : body);
    }

    boolean isGood() {
        return status == 200 || status == 206;
    }

    boolean isRedirect() {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    String host() {
        return uri.getRawAuthority();
    }

    Optional<String> header(String name) {
        return Optional.ofNullable(connection.getHeaderField(name)).map(String::strip);
    }

    OptionalLong contentLength() {
        long length = connection.getContentLengthLong();
        return length < 0 ? OptionalLong.empty() : OptionalLong.of(length);
    }

    List<Challenge> challenges() {
        return Challenge.parse(connection.getHeaderFields().entrySet().stream()
                .filter(entry -> "WWW-Authenticate".equalsIgnoreCase(entry.getKey()))
                .map(Map.Entry::getValue)
                .flatMap(List::stream)
                .toList());
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
        return new Answer(uri, status, connection, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// For an answer that was read to its end: the connection serves the next request.
    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            abandon();
        }
    }

    /// For an answer that nobody reads on: closing it politely would read the rest.
    void abandon() {
        connection.disconnect();
    }
}
