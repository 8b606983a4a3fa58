package io.berth.dist;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/// A TCP proxy on loopback that lets answers pass no faster than it is told.
final class SlowRoad implements AutoCloseable {
    private static final int PIECE_BYTES = 32 * 1024;

    private final ServerSocket entrance;
    private final String host;
    private final int port;
    private volatile long bytesPerSecond = Long.MAX_VALUE;

    /// @param target `HOST:PORT`
    SlowRoad(String target) {
        int colon = target.lastIndexOf(':');
        this.host = target.substring(0, colon);
        this.port = Integer.parseInt(target.substring(colon + 1));
        try {
            this.entrance = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::serve);
    }

    String address() {
        return "127.0.0.1:" + entrance.getLocalPort();
    }

    /// Holds for each connection by itself, from its next piece on.
    void limit(long newBytesPerSecond) {
        bytesPerSecond = newBytesPerSecond;
    }

    private void serve() {
        while (!entrance.isClosed()) {
            try {
                Socket client = entrance.accept();
                Socket server = new Socket(host, port);
                Thread.ofVirtual().start(() -> carry(client, server, false));
                Thread.ofVirtual().start(() -> carry(server, client, true));
            } catch (IOException e) {
                // closed, or a client that went away
            }
        }
    }

    private void carry(Socket from, Socket to, boolean slowly) {
        byte[] piece = new byte[PIECE_BYTES];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                out.write(piece, 0, n);
                out.flush();
                if (slowly) {
                    Thread.sleep(n * 1000L / bytesPerSecond);
                }
            }
        } catch (IOException | InterruptedException e) {
            // one side is gone: the other follows
        }
    }

    @Override
    public void close() {
        try {
            entrance.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
