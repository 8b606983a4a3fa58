package io.berth.fake;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/// A port that hands TLS on to a [FakeRegistry], and answers plain HTTP as Go's servers do: 400, with words.
public final class FakeRegistryTlsDoor implements AutoCloseable {
    private static final int TLS_HANDSHAKE = 0x16;
    private static final String REFUSAL =
            "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";

    private final FakeDoor door;
    private final FakeRegistry behind;
    private final AtomicInteger plainRequests = new AtomicInteger();

    private final String toPlainHttp;

    private FakeRegistryTlsDoor(ServerSocket socket, FakeRegistry behind, String toPlainHttp) {
        this.door = new FakeDoor(socket);
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
        door.door.open(door::serve);
        return door;
    }

    public String host() {
        return door.address();
    }

    public int plainRequests() {
        return plainRequests.get();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    private void serve(Socket guest) throws IOException {
        int first = guest.getInputStream().read();
        if (first == TLS_HANDSHAKE) {
            handOn(guest, first);
        } else {
            plainRequests.incrementAndGet();
            guest.getInputStream().read(new byte[4096]);
            guest.getOutputStream().write(toPlainHttp.getBytes(FakeRegistryHttp.UTF_8));
        }
    }

    private void handOn(Socket guest, int first) throws IOException {
        try (Socket inside = new Socket(behind.url().getHost(), behind.url().getPort())) {
            inside.getOutputStream().write(first);
            door.join(guest, inside);
        }
    }
}
