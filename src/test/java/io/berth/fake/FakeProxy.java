package io.berth.fake;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A proxy on loopback that speaks HTTP (also behind TLS), SOCKS 4, 4A and 5, and remembers what it was asked for.
///
/// Names that end in `.invalid` lead to loopback, as if only the proxy could look them up.
public final class FakeProxy implements AutoCloseable {
    private final FakeDoor door;
    private final String user;
    private final String password;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    private FakeProxy(ServerSocket socket, String user, String password) {
        this.door = new FakeDoor(socket);
        this.user = user;
        this.password = password;
        door.open(this::serve);
    }

    public static FakeProxy start() throws IOException {
        return forUser("", "");
    }

    /// Lets only this user through.
    public static FakeProxy forUser(String user, String password) throws IOException {
        return new FakeProxy(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), user, password);
    }

    public static FakeProxy behindTls(String user, String password) throws IOException {
        return new FakeProxy(
                FakeRegistryTls.context()
                        .getServerSocketFactory()
                        .createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                user,
                password);
    }

    public String address() {
        return door.address();
    }

    /// One `LANGUAGE HOST:PORT` for each time it was asked, let through or not.
    public List<String> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    private void serve(Socket guest) throws IOException {
        int first = guest.getInputStream().read();
        switch (first) {
            case 4 -> four(guest);
            case 5 -> five(guest);
            case -1 -> {}
            default -> http(guest, first);
        }
    }

    private void four(Socket guest) throws IOException {
        DataInputStream in = new DataInputStream(guest.getInputStream());
        in.readByte();
        int port = in.readUnsignedShort();
        byte[] address = in.readNBytes(4);
        String name = untilZero(in);
        boolean byName = address[0] == 0 && address[1] == 0 && address[2] == 0;
        String host = byName ? untilZero(in) : InetAddress.getByAddress(address).getHostAddress();
        asked.add((byName ? "socks4a " : "socks4 ") + host + ":" + port);
        boolean good = name.equals(user);
        guest.getOutputStream().write(new byte[] {0, (byte) (good ? 0x5a : 0x5d), 0, 0, 0, 0, 0, 0});
        if (good) {
            lead(guest, host, port);
        }
    }

    private void five(Socket guest) throws IOException {
        DataInputStream in = new DataInputStream(guest.getInputStream());
        OutputStream out = guest.getOutputStream();
        boolean offersPassword = contains(in.readNBytes(in.readUnsignedByte()), 2);
        if (!user.isEmpty()) {
            out.write(new byte[] {5, (byte) (offersPassword ? 2 : 0xff)});
            if (!offersPassword) {
                asked.add("socks5 nothing, without a password");
                return;
            }
            in.readByte();
            String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
            String word = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8);
            boolean good = name.equals(user) && word.equals(password);
            out.write(new byte[] {1, (byte) (good ? 0 : 1)});
            if (!good) {
                asked.add("socks5 nothing, with a wrong password");
                return;
            }
        } else {
            out.write(new byte[] {5, 0});
        }
        in.readNBytes(3);
        int type = in.readUnsignedByte();
        String host = type == 3
                ? new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8)
                : InetAddress.getByAddress(in.readNBytes(type == 1 ? 4 : 16)).getHostAddress();
        int port = in.readUnsignedShort();
        asked.add("socks5 " + host + ":" + port);
        boolean known = port != 1;
        out.write(new byte[] {5, (byte) (known ? 0 : 5), 0, 1, 0, 0, 0, 0, 0, 0});
        if (known) {
            lead(guest, host, port);
        }
    }

    private void http(Socket guest, int first) throws IOException {
        StringBuilder head = new StringBuilder().append((char) first);
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) guest.getInputStream().read());
        }
        String[] request = head.substring(0, head.indexOf("\r\n")).split(" ", -1);
        String wanted = "Proxy-Authorization: Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8)) + "\r\n";
        boolean tunnel = request[0].equals("CONNECT");
        URI target = URI.create(tunnel ? "http://" + request[1] : request[1]);
        asked.add((tunnel ? "connect " : "fetch ") + target.getAuthority());
        if (!user.isEmpty() && head.indexOf(wanted) < 0) {
            say(guest, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        } else if (tunnel) {
            say(guest, "HTTP/1.1 200 Connection established\r\n\r\n");
            lead(guest, target.getHost(), target.getPort());
        } else {
            fetch(
                    guest,
                    target,
                    head.toString().replace(request[1], target.getRawPath()).replace(wanted, ""));
        }
    }

    /// One request for one connection, so that nothing of the next request is taken for this one.
    private void fetch(Socket guest, URI target, String head) throws IOException {
        try (Socket server = new Socket(addressOf(target.getHost()), target.getPort())) {
            say(server, head.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            server.getInputStream().transferTo(guest.getOutputStream());
        }
    }

    private void lead(Socket guest, String host, int port) throws IOException {
        try (Socket server = new Socket(addressOf(host), port)) {
            door.join(guest, server);
        }
    }

    private static InetAddress addressOf(String host) throws IOException {
        return host.endsWith(".invalid") ? InetAddress.getLoopbackAddress() : InetAddress.getByName(host);
    }

    private static void say(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        to.getOutputStream().flush();
    }

    private static String untilZero(DataInputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int one = in.readUnsignedByte(); one != 0; one = in.readUnsignedByte()) {
            text.append((char) one);
        }
        return text.toString();
    }

    private static boolean contains(byte[] bytes, int wanted) {
        for (byte one : bytes) {
            if (one == wanted) {
                return true;
            }
        }
        return false;
    }
}
