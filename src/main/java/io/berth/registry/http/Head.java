package io.berth.registry.http;

import java.io.IOException;
import java.net.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The status and the headers of an answer.
///
/// Source: RFC 9112, sections 4 and 5.
record Head(int status, boolean closes, Map<String, List<String>> headers) {
    private static final int MAX_BYTES = 64 << 10;
    private static final int MAX_HEADERS = 256;
    private static final Pattern STATUS = Pattern.compile("HTTP/(1\\.[01]) ([1-5][0-9]{2})( .*)?");

    /// Answers that only announce one (1xx) are passed over.
    static Head read(Wire wire) throws IOException {
        for (int i = 0; i < MAX_HEADERS; i++) {
            Head head = readOne(wire);
            if (head.status >= 200) {
                return head;
            }
        }
        throw new ProtocolException("announcements without an answer");
    }

    private static Head readOne(Wire wire) throws IOException {
        Matcher first = STATUS.matcher(wire.line(MAX_BYTES));
        if (!first.matches()) {
            throw new ProtocolException("the answer is not HTTP");
        }
        Map<String, List<String>> headers = new TreeMap<>();
        int bytes = 0;
        for (String line = wire.line(MAX_BYTES); !line.isEmpty(); line = wire.line(MAX_BYTES)) {
            int colon = line.indexOf(':');
            bytes += line.length();
            if (colon <= 0 || bytes > MAX_BYTES || headers.size() > MAX_HEADERS) {
                throw new ProtocolException("the answer's headers are not HTTP, or too many");
            }
            headers.computeIfAbsent(line.substring(0, colon).strip().toLowerCase(Locale.ROOT), _ -> new ArrayList<>())
                    .add(line.substring(colon + 1).strip());
        }
        boolean old = "1.0".equals(first.group(1));
        String connection =
                String.join(",", headers.getOrDefault("connection", List.of())).toLowerCase(Locale.ROOT);
        boolean closes = connection.contains("close") || (old && !connection.contains("keep-alive"));
        return new Head(Integer.parseInt(first.group(2)), closes, headers);
    }

    List<String> all(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), List.of());
    }

    Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    boolean isChunked() {
        return String.join(",", all("transfer-encoding"))
                .toLowerCase(Locale.ROOT)
                .contains("chunked");
    }

    /// Of the body, or -1 when the answer does not say.
    long contentLength() throws ProtocolException {
        String text = first("content-length").orElse("");
        if (text.isEmpty() || isChunked()) {
            return -1;
        }
        if (!text.matches("[0-9]{1,18}")) {
            throw new ProtocolException("the answer's length is no number");
        }
        return Long.parseLong(text);
    }
}
