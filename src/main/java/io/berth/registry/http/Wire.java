package io.berth.registry.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One connection, with what was read too far. One thread at a time.
final class Wire {
    private static final int BUFFER_BYTES = 16 << 10;

    private final Socket socket;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int at;
    private int end;
    private boolean heard;
    private long idleSince;

    Wire(Socket socket) throws IOException {
        this.socket = socket;
        this.in = socket.getInputStream();
    }

    /// Sends the head of a request.
    void ask(String head) throws IOException {
        heard = false;
        socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
        socket.getOutputStream().flush();
    }

    /// Whether anything came back since the request.
    boolean hasHeard() {
        return heard;
    }

    int read(byte[] bytes, int offset, int length) throws IOException {
        if (at == end && length >= BUFFER_BYTES) {
            return noted(in.read(bytes, offset, length));
        }
        if (at == end && !fill()) {
            return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(buffer, at, bytes, offset, count);
        at += count;
        return count;
    }

    /// One line without its end.
    ///
    /// @param limit bytes that a line may have
    String line(int limit) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        while (at < end || fill()) {
            byte one = buffer[at++];
            if (one == '\n') {
                String text = line.toString(StandardCharsets.ISO_8859_1);
                return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
            }
            line.write(one);
            if (line.size() > limit) {
                throw new ProtocolException("a line without end");
            }
        }
        if (line.size() > 0 && !line.toString(StandardCharsets.ISO_8859_1).startsWith("HTTP")) {
            throw new ProtocolException("the answer is not HTTP");
        }
        throw new EOFException("closed before the answer was complete");
    }

    int available() throws IOException {
        return end - at + in.available();
    }

    void rest() {
        idleSince = System.nanoTime();
    }

    long idleNanos() {
        return System.nanoTime() - idleSince;
    }

    void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // nobody wants anything of it any more
        }
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(noted(in.read(buffer, 0, BUFFER_BYTES)), 0);
        return end > 0;
    }

    private int noted(int count) {
        heard |= count > 0;
        return count;
    }
}
