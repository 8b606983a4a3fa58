package io.berth.fake;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// How [FakeRegistry] and its troubles answer.
final class FakeRegistryHttp {
    static final Charset UTF_8 = StandardCharsets.UTF_8;

    private FakeRegistryHttp() {}

    /// What a `Range: bytes=N-` asks for; sets Content-Range when it is not everything.
    static byte[] range(HttpExchange exchange, byte[] all) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        if (range == null) {
            return all;
        }
        int from = Integer.parseInt(range.replaceFirst("^bytes=([0-9]+)-$", "$1"));
        exchange.getResponseHeaders().set("Content-Range", "bytes " + from + "-" + (all.length - 1) + "/" + all.length);
        return Arrays.copyOfRange(all, from, all.length);
    }

    static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        try (exchange) {
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(status, -1);
                return;
            }
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }

    static byte[] error(String code, String message) {
        return ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}").getBytes(UTF_8);
    }
}
