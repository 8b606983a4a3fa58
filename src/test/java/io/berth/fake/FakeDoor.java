package io.berth.fake;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// What small servers share: one thread for each guest, and bytes that are carried both ways.
final class FakeDoor implements AutoCloseable {
    private final ServerSocket socket;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    FakeDoor(ServerSocket socket) {
        this.socket = socket;
    }

    /// Serves a guest; whoever leaves early may.
    interface Host {
        void serve(Socket guest) throws IOException;
    }

    void open(Host host) {
        threads.execute(() -> {
            try {
                while (true) {
                    Socket guest = socket.accept();
                    threads.execute(() -> serve(host, guest));
                }
            } catch (IOException e) {
                // closed
            }
        });
    }

    String address() {
        return "127.0.0.1:" + socket.getLocalPort();
    }

    /// Until both sides have said all.
    void join(Socket guest, Socket other) {
        threads.execute(() -> carry(other, guest));
        carry(guest, other);
    }

    @Override
    public void close() throws IOException {
        socket.close();
        threads.shutdownNow();
    }

    private static void serve(Host host, Socket guest) {
        try (guest) {
            host.serve(guest);
        } catch (IOException e) {
            // the guest has gone
        }
    }

    private static void carry(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // one side has gone
        }
    }
}
