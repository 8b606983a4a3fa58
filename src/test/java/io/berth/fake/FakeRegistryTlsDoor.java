package io.berth.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A port that hands TLS on to a [FakeRegistry], and answers plain HTTP as Go's servers do: 400, with words.
public final class FakeRegistryTlsDoor implements AutoCloseable {
    private static final int TLS_HANDSHAKE = 0x16;
    private static final String REFUSAL =
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

    private final ServerSocket door;
    private final FakeRegistry behind;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger plainRequests = new AtomicInteger();

    private final String toPlainHttp;

    private FakeRegistryTlsDoor(ServerSocket door, FakeRegistry behind, String toPlainHttp) {
        this.door = door;
        this.behind = behind;
        this.toPlainHttp = toPlainHttp;
    }

    public static FakeRegistryTlsDoor before(FakeRegistry registry) throws IOException {
        return saying(REFUSAL, registry);
    }

    /// Says something else to whoever does not speak TLS.
    public static FakeRegistryTlsDoor saying(String toPlainHttp, FakeRegistry registry) throws IOException {
        ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        FakeRegistryTlsDoor door = new FakeRegistryTlsDoor(socket, registry, toPlainHttp);
        door.threads.execute(door::open);
        return door;
    }

    public String host() {
        return "127.0.0.1:" + door.getLocalPort();
    }

    public int plainRequests() {
        return plainRequests.get();
    }

    @Override
    public void close() throws IOException {
        door.close();
        threads.shutdownNow();
    }

    private void open() {
        try {
            while (true) {
                Socket guest = door.accept();
                threads.execute(() -> serve(guest));
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(Socket guest) {
        try (guest) {
            int first = guest.getInputStream().read();
            if (first == TLS_HANDSHAKE) {
                handOn(guest, first);
            } else {
                plainRequests.incrementAndGet();
                guest.getInputStream().read(new byte[4096]);
                guest.getOutputStream().write(toPlainHttp.getBytes(FakeRegistryHttp.UTF_8));
            }
        } catch (IOException e) {
            // the guest has gone
        }
    }

    private void handOn(Socket guest, int first) throws IOException {
        try (Socket inside = new Socket(behind.url().getHost(), behind.url().getPort())) {
            inside.getOutputStream().write(first);
            threads.execute(() -> copy(inside, guest));
            copy(guest, inside);
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            in.transferTo(out);
            to.shutdownOutput();
        } catch (IOException e) {
            // one side has gone
        }
    }
}
