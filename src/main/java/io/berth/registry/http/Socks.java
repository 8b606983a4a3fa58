package io.berth.registry.http;

import io.berth.registry.auth.Credential;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/// Asks a SOCKS proxy for a way to a server.
///
/// Source: SOCKS 4 and 4A (Lee, Leech); RFC 1928 (SOCKS 5), RFC 1929 (its user names and passwords).
final class Socks {
    private static final int CONNECT = 1;
    private static final int NO_METHOD = 0xff;
    private static final int MAX_WORD = 255;

    private final ProxyServer proxy;
    private final Socket socket;
    private final DataInputStream in;

    private Socks(ProxyServer proxy, Socket socket) throws IOException {
        this.proxy = proxy;
        this.socket = socket;
        this.in = new DataInputStream(socket.getInputStream());
    }

    /// @param socket connected to the proxy; leads to the server afterwards
    static void lead(ProxyServer proxy, Socket socket, String host, int port) throws IOException {
        Socks socks = new Socks(proxy, socket);
        switch (proxy.kind()) {
            case SOCKS4, SOCKS4A -> socks.four(host, port);
            case SOCKS5, SOCKS5H -> socks.five(host, port);
            case HTTP, HTTPS -> throw new IllegalArgumentException("not a SOCKS proxy");
        }
    }

    private void four(String host, int port) throws IOException {
        byte[] user = word(proxy.credential().map(Credential::username).orElse(""));
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(4);
        request.write(CONNECT);
        port(request, port);
        Optional<byte[]> address =
                proxy.kind() == ProxyServer.Kind.SOCKS4 ? Optional.of(lookedUp(host)) : literal(host);
        request.writeBytes(address.orElse(new byte[] {0, 0, 0, 1}));
        request.writeBytes(user);
        request.write(0);
        if (address.isEmpty()) {
            request.writeBytes(word(host));
            request.write(0);
        }
        send(request);
        in.readUnsignedByte();
        int answer = in.readUnsignedByte();
        in.readNBytes(6);
        switch (answer) {
            case 0x5a -> {}
            case 0x5c, 0x5d -> throw refused("it does not accept the user", false);
            default -> throw refused("it cannot reach the server, or may not", true);
        }
    }

    private void five(String host, int port) throws IOException {
        greet();
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes(new byte[] {5, CONNECT, 0});
        Optional<byte[]> address = proxy.kind() == ProxyServer.Kind.SOCKS5 ? found(host) : literal(host);
        if (address.isPresent()) {
            request.write(address.get().length == 4 ? 1 : 4);
            request.writeBytes(address.get());
        } else {
            request.write(3);
            counted(request, host);
        }
        port(request, port);
        send(request);
        in.readUnsignedByte();
        int answer = in.readUnsignedByte();
        in.readUnsignedByte();
        in.readNBytes(
                switch (in.readUnsignedByte()) {
                    case 1 -> 4;
                    case 3 -> in.readUnsignedByte();
                    default -> 16;
                });
        in.readUnsignedShort();
        if (answer != 0) {
            throw refused(meaning(answer), answer != 2);
        }
    }

    private void greet() throws IOException {
        boolean known = proxy.credential().isPresent();
        ByteArrayOutputStream greeting = new ByteArrayOutputStream();
        greeting.writeBytes(known ? new byte[] {5, 2, 0, 2} : new byte[] {5, 1, 0});
        send(greeting);
        if (in.readUnsignedByte() != 5) {
            throw refused("it does not speak SOCKS 5", false);
        }
        int method = in.readUnsignedByte();
        if (method == 2 && known) {
            logIn(proxy.credential().get());
        } else if (method == NO_METHOD) {
            throw refused(known ? "it takes no user name and password" : "it wants a user name and a password", false);
        } else if (method != 0) {
            throw refused("it wants a way of logging in that berth does not know", false);
        }
    }

    private void logIn(Credential credential) throws IOException {
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(1);
        counted(request, credential.username());
        counted(request, credential.password().reveal());
        send(request);
        in.readUnsignedByte();
        if (in.readUnsignedByte() != 0) {
            throw refused("it does not accept the user name and password", false);
        }
    }

    private static String meaning(int answer) {
        return switch (answer) {
            case 2 -> "it does not allow this server";
            case 3, 4 -> "it cannot reach the server's host";
            case 5 -> "the server refused its connection";
            case 6 -> "the server did not answer it in time";
            default -> "it failed (SOCKS answer " + answer + ")";
        };
    }

    private byte[] lookedUp(String host) throws IOException {
        return Arrays.stream(InetAddress.getAllByName(host))
                .filter(Inet4Address.class::isInstance)
                .findFirst()
                .orElseThrow(() -> new UnknownHostException(host))
                .getAddress();
    }

    private static Optional<byte[]> found(String host) {
        try {
            return Optional.of(InetAddress.getByName(host).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static Optional<byte[]> literal(String host) {
        return host.matches("[0-9]+(\\.[0-9]+){3}") || host.indexOf(':') >= 0 ? found(host) : Optional.empty();
    }

    private void counted(ByteArrayOutputStream request, String text) throws IOException {
        byte[] word = word(text);
        request.write(word.length);
        request.writeBytes(word);
    }

    private byte[] word(String text) throws IOException {
        byte[] word = text.getBytes(StandardCharsets.UTF_8);
        if (word.length > MAX_WORD || text.indexOf('\0') >= 0) {
            throw refused("a name or password does not fit into its protocol", false);
        }
        return word;
    }

    private static void port(ByteArrayOutputStream request, int port) {
        request.write(port >> 8);
        request.write(port);
    }

    private void send(ByteArrayOutputStream request) throws IOException {
        socket.getOutputStream().write(request.toByteArray());
        socket.getOutputStream().flush();
    }

    private ProxyException refused(String why, boolean passing) {
        return new ProxyException(proxy, why, passing);
    }
}
