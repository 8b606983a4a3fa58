package io.berth.registry.http;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// Opens connections to servers, through proxies where there are some.
///
/// Sockets are those of channels: waiting on them ends when the thread is interrupted.
final class Connector {
    private static final String CRLF = "\r\n";

    private final HttpOptions options;
    private final Tls tls;

    Connector(HttpOptions options) {
        this.options = options;
        this.tls = new Tls(options.insecure(), options.authorities());
    }

    Wire connect(Route route) throws IOException {
        Socket socket =
                route.proxy().isPresent() ? through(route.proxy().get(), route) : open(route.host(), route.port());
        return new Wire(
                closedOnFailure(socket, () -> route.secure() ? tls.over(socket, route.host(), route.port()) : socket));
    }

    private Socket through(ProxyServer proxy, Route route) throws IOException {
        Socket plain = openProxy(proxy);
        return closedOnFailure(plain, () -> {
            Socket socket =
                    proxy.kind() == ProxyServer.Kind.HTTPS ? tls.over(plain, proxy.host(), proxy.port()) : plain;
            if (proxy.kind().isSocks()) {
                Socks.lead(proxy, socket, bare(route.host()), route.port());
            } else if (route.secure()) {
                tunnel(proxy, socket, route);
            }
            return socket;
        });
    }

    private Socket openProxy(ProxyServer proxy) throws IOException {
        try {
            return open(proxy.host(), proxy.port());
        } catch (ConnectException e) {
            throw new ProxyException(proxy, "it refused the connection", true);
        } catch (java.net.UnknownHostException e) {
            throw new ProxyException(proxy, "there is no such host", false);
        }
    }

    /// Every address of the host is tried; the first one's trouble is told.
    private Socket open(String host, int port) throws IOException {
        IOException told = null;
        for (InetAddress address : InetAddress.getAllByName(bare(host))) {
            Socket socket = SocketChannel.open().socket();
            try {
                socket.setTcpNoDelay(true);
                socket.setSoTimeout(Math.toIntExact(options.idleTimeout().toMillis()));
                socket.connect(
                        new InetSocketAddress(address, port),
                        Math.toIntExact(options.connectTimeout().toMillis()));
                return socket;
            } catch (IOException e) {
                socket.close();
                told = told == null ? e : told;
            }
        }
        throw told == null ? new java.net.UnknownHostException(host) : told;
    }

    /// Source: RFC 9110, section 9.3.6.
    private static void tunnel(ProxyServer proxy, Socket socket, Route route) throws IOException {
        String target = route.host() + ":" + route.port();
        Wire wire = new Wire(socket);
        wire.ask("CONNECT " + target + " HTTP/1.1" + CRLF + "Host: " + target + CRLF + authorization(proxy) + CRLF);
        Head head;
        try {
            head = Head.read(wire);
        } catch (ProtocolException e) {
            throw new ProxyException(proxy, "its answer is not HTTP", false);
        }
        refuseUnlessGood(proxy, head.status(), head.status() / 100 == 2);
    }

    /// @param good whether this status is what was hoped for
    static void refuseUnlessGood(ProxyServer proxy, int status, boolean good) throws ProxyException {
        if (status == 407) {
            throw new ProxyException(
                    proxy,
                    proxy.credential().isPresent()
                            ? "it does not accept the user name and password (407)"
                            : "it wants a user name and a password (407)",
                    false);
        }
        if (!good) {
            throw new ProxyException(proxy, "it does not lead there (" + status + ")", status >= 500);
        }
    }

    /// The header that opens an HTTP proxy, with its line end; empty without a user.
    static String authorization(ProxyServer proxy) {
        return proxy.credential()
                .map(credential -> "Proxy-Authorization: " + credential.basic().reveal() + CRLF)
                .orElse("");
    }

    private interface Opening {
        Socket open() throws IOException;
    }

    private static Socket closedOnFailure(Socket socket, Opening opening) throws IOException {
        boolean done = false;
        try {
            Socket opened = opening.open();
            done = true;
            return opened;
        } finally {
            if (!done) {
                socket.close();
            }
        }
    }

    private static String bare(String host) {
        return host.replaceFirst("^\\[(.*)]$", "$1");
    }

    /// A server, and the proxy that leads there.
    record Route(boolean secure, String host, int port, Optional<ProxyServer> proxy) {
        /// Whether the proxy itself fetches what is asked for.
        boolean isFetchedByProxy() {
            return !secure && proxy.filter(server -> !server.kind().isSocks()).isPresent();
        }
    }
}
