package io.berth.registry.http;

import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// An answer whose body is still on the way. One thread at a time.
public final class HttpAnswer {
    private final Head head;
    private final Body body;
    private final OptionalLong length;

    HttpAnswer(Head head, Body body, OptionalLong length) {
        this.head = head;
        this.body = body;
        this.length = length;
    }

    public int status() {
        return head.status();
    }

    public Optional<String> header(String name) {
        return head.first(name);
    }

    /// One for each header line of that name.
    public List<String> headers(String name) {
        return head.all(name);
    }

    /// Bytes of the body, when the server says; for HEAD what a GET would bring.
    public OptionalLong contentLength() {
        return length;
    }

    /// Closing it keeps the connection when little is left to read.
    public InputStream body() {
        return body;
    }

    /// Closes the connection: nobody reads on.
    public void abandon() {
        body.abandon();
    }
}
