package io.berth.registry;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.http.ProxyException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/// Why no answer came, or not all of it.
enum NetworkTrouble {
    REFUSED("connection refused", true, "check that the registry is up and that this node may reach it"),
    NO_CONNECTION("no connection in time", false, "check that this node may reach it; many nodes of a cluster may not"),
    SILENT("silent for too long", true, "try again later"),
    UNKNOWN_HOST("no such host", false, "check the spelling; many nodes of a cluster cannot reach the Internet"),
    NAME_SERVICE("the name could not be looked up", true, "check the name service of this node"),
    NO_ROUTE("no route to host", false, "check that this node may reach it; many nodes of a cluster may not"),
    UNTRUSTED(
            "its certificate is not trusted",
            false,
            "set ca_file (BERTH_CA_FILE) to the file with the authority of your site"),
    PROXY_FAILED("the proxy did not let us through", true, "try again later, or ask whoever runs the proxy"),
    PROXY_REFUSED("the proxy did not let us through", false, "check the proxy's address, user name and password"),
    NO_TLS("it does not speak TLS", false, "if it has plain http only, list it in plain_http (BERTH_PLAIN_HTTP)"),
    NOT_HTTP("the answer is not HTTP", false, "check host and port"),
    LOST("connection lost", true, "try again later");

    private final String text;
    private final boolean passing;
    private final String hint;

    NetworkTrouble(String text, boolean passing, String hint) {
        this.text = text;
        this.passing = passing;
        this.hint = hint;
    }

    static NetworkTrouble of(IOException trouble) {
        Throwable cause =
                trouble instanceof UnreachedException && trouble.getCause() != null ? trouble.getCause() : trouble;
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return switch (cause) {
            case ProxyException proxy -> proxy.isPassing() ? PROXY_FAILED : PROXY_REFUSED;
            case ConnectException _ when message.contains("unreachable") -> NO_ROUTE;
            case ConnectException _ -> message.contains("timed out") ? NO_CONNECTION : REFUSED;
            case SocketTimeoutException _ -> message.contains("connect") ? NO_CONNECTION : SILENT;
            case UnknownHostException _ -> message.contains("temporary failure") ? NAME_SERVICE : UNKNOWN_HOST;
            case NoRouteToHostException _ -> NO_ROUTE;
            case ProtocolException _ -> NOT_HTTP;
            case SSLException _ when message.contains("unrecognized ssl") -> NO_TLS;
            case SSLException _ when isAboutCertificate(cause) -> UNTRUSTED;
            case IOException _ when message.contains("hostname wrong") -> UNTRUSTED;
            default -> message.contains("invalid http response") ? NOT_HTTP : LOST;
        };
    }

    /// Whether it may be gone in a moment.
    boolean isPassing() {
        return passing;
    }

    FaultException during(String doing, String host, IOException trouble) {
        String why = trouble instanceof UnreachedException && trouble.getCause() instanceof ProxyException proxy
                ? "proxy " + proxy.proxy() + ": " + proxy.getMessage()
                : text;
        return FaultException.of(Fault.UNREACHABLE, doing + " from " + host + ": " + why, hint, trouble);
    }

    private static boolean isAboutCertificate(Throwable top) {
        return Stream.iterate(top, cause -> cause != null, Throwable::getCause)
                .anyMatch(cause -> cause instanceof CertificateException
                        || String.valueOf(cause.getMessage()).contains("certificate"));
    }
}
