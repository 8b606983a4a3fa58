package io.berth.registry.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ProtocolException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Byte for byte, against a server that says what each test lets it say.
@DisplayNameGeneration(ReplaceUnderscores.class)
class HttpClientTest {
    private final ServerSocket door = open();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final HttpClient client = new HttpClient(
            new HttpOptions(Proxies.none(), false, List.of(), Duration.ofSeconds(2), Duration.ofMillis(500)));

    private static ServerSocket open() {
        try {
            return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void stop() throws IOException {
        door.close();
        threads.shutdownNow();
    }

    /// @param answers of each connection, one for each request; the connection ends after the last
    @SafeVarargs
    private void serve(List<String>... answers) {
        threads.execute(() -> {
            for (List<String> texts : answers) {
                serveOne(texts);
            }
        });
    }

    /// Accepts a connection and says nothing.
    private void keepSilent() {
        threads.execute(() -> {
            try (Socket guest = door.accept()) {
                guest.getInputStream().transferTo(OutputStream.nullOutputStream());
            } catch (IOException e) {
                // the client has gone
            }
        });
    }

    private void serveOne(List<String> texts) {
        try (Socket guest = door.accept()) {
            connections.incrementAndGet();
            for (String text : texts) {
                heads.add(head(guest));
                guest.getOutputStream().write(text.getBytes(ISO_8859_1));
                guest.getOutputStream().flush();
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    private static String head(Socket guest) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int one = 0; head.indexOf("\r\n\r\n") < 0 && one >= 0; ) {
            one = guest.getInputStream().read();
            head.append((char) one);
        }
        return head.toString();
    }

    private String get(String path) throws IOException {
        HttpAnswer answer = client.send("GET", uri(path), Map.of("Accept", "a/b"));
        try (var body = answer.body()) {
            return new String(body.readAllBytes(), ISO_8859_1);
        }
    }

    private URI uri(String path) {
        return URI.create("http://127.0.0.1:" + door.getLocalPort() + path);
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static String chunked(String status, String chunks) {
        return "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 " + status + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
    }

    @Test
    void a_request_is_what_servers_expect() throws IOException {
        serve(List.of(ok("x")));
        get("/a%20b?c=d&e");
        assertThat(heads.getFirst())
                .isEqualTo("GET /a%20b?c=d&e HTTP/1.1\r\nHost: 127.0.0.1:" + door.getLocalPort()
                        + "\r\nAccept: a/b\r\nUser-Agent: berth\r\nAccept-Encoding: identity\r\n\r\n");
    }

    @Test
    void a_connection_serves_one_request_after_the_other() throws IOException {
        serve(List.of(
                ok("one"),
                chunked("404 No", "3;x=y\r\ntwo\r\n1\r\n!\r\n0\r\nTrailer: t\r\n\r\n"),
                "HTTP/1.1 204 None\r\n\r\n",
                ok("three")));
        assertThat(get("/")).isEqualTo("one");
        assertThat(get("/")).isEqualTo("two!");
        assertThat(get("/")).isEmpty();
        assertThat(get("/")).isEqualTo("three");
        assertThat(connections).hasValue(1);
    }

    @Test
    void a_short_rest_is_read_for_the_sake_of_the_connection_and_a_long_one_is_not() throws IOException {
        serve(
                List.of(ok("x".repeat(1000)), "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\nstart"),
                List.of(ok("again")));
        client.send("GET", uri("/"), Map.of()).body().close();
        client.send("GET", uri("/"), Map.of()).body().close();
        assertThat(get("/")).isEqualTo("again");
        assertThat(connections).hasValue(2);
    }

    @Test
    void a_connection_that_the_server_closed_meanwhile_is_replaced() throws Exception {
        serve(List.of(ok("one")), List.of(ok("two")));
        assertThat(get("/")).isEqualTo("one");
        Thread.sleep(100);
        assertThat(get("/")).isEqualTo("two");
        assertThat(connections).hasValue(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "HTTP/1.1 200\r\n\r\n"
            })
    void a_body_without_a_length_ends_with_the_connection(String head) throws IOException {
        serve(List.of(head + "all of it"));
        assertThat(get("/")).isEqualTo("all of it");
    }

    @Test
    void head_has_no_body_but_its_length() throws IOException {
        serve(List.of("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", ok("next")));
        HttpAnswer answer = client.send("HEAD", uri("/"), Map.of());
        assertThat(answer.contentLength()).hasValue(12345);
        assertThat(answer.body().read()).isEqualTo(-1);
        assertThat(get("/")).isEqualTo("next");
        assertThat(connections).hasValue(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "SSH-2.0-OpenSSH_9.2\r\n",
                "",
            })
    void what_is_broken_or_no_http_is_an_error_and_no_short_body(String answer) {
        serve(List.of(answer));
        assertThatThrownBy(() -> get("/")).isInstanceOf(IOException.class);
    }

    @Test
    void lines_and_headers_without_end_are_cut_off() {
        serve(
                List.of("HTTP/1.1 200 " + "x".repeat(100_000)),
                List.of("HTTP/1.1 200 OK\r\n" + "A: b\r\n".repeat(20_000)));
        assertThatThrownBy(() -> get("/")).isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> get("/")).isInstanceOf(ProtocolException.class);
    }

    @Test
    void a_header_cannot_begin_another() {
        assertThatThrownBy(() -> client.send("GET", uri("/"), Map.of("Authorization", "Bearer a\r\nX: y")))
                .isInstanceOf(ProtocolException.class);
        assertThat(heads).isEmpty();
    }

    @Test
    void silence_ends_after_its_limit() {
        keepSilent();
        assertThatThrownBy(() -> get("/")).isInstanceOf(SocketTimeoutException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void an_interruption_ends_the_waiting(boolean virtual) throws Exception {
        HttpClient patient = new HttpClient(
                new HttpOptions(Proxies.none(), false, List.of(), Duration.ofSeconds(2), Duration.ofSeconds(60)));
        keepSilent();
        List<Throwable> thrown = new CopyOnWriteArrayList<>();
        Thread.Builder builder = virtual ? Thread.ofVirtual() : Thread.ofPlatform();
        Thread waiting = builder.start(() -> {
            try {
                patient.send("GET", uri("/"), Map.of());
            } catch (IOException e) {
                thrown.add(e);
            }
        });
        Thread.sleep(300);
        waiting.interrupt();
        assertThat(waiting.join(Duration.ofSeconds(5))).isTrue();
        assertThat(thrown).hasSize(1);
    }
}
