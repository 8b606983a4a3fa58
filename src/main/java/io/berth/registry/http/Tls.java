package io.berth.registry.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/// Puts TLS on connections. Made ready at the first one.
final class Tls {
    private final boolean insecure;
    private final List<Path> authorities;
    private @Nullable SSLContext context;

    Tls(boolean insecure, List<Path> authorities) {
        this.insecure = insecure;
        this.authorities = authorities;
    }

    /// Returns after the handshake; the certificate must be the host's, unless nobody cares.
    Socket over(Socket socket, String host, int port) throws IOException {
        String name = host.replaceFirst("^\\[(.*)]$", "$1");
        SSLSocket secure = (SSLSocket) context().getSocketFactory().createSocket(socket, name, port, true);
        if (!insecure) {
            SSLParameters parameters = secure.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            secure.setSSLParameters(parameters);
        }
        secure.startHandshake();
        return secure;
    }

    private synchronized SSLContext context() {
        if (context == null) {
            TrustManager trust = insecure ? new AnyCertificate() : Trust.with(authorities);
            try {
                SSLContext made = SSLContext.getInstance("TLS");
                made.init(null, new TrustManager[] {trust}, null);
                context = made;
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("every Java platform has TLS", e);
            }
        }
        return context;
    }
}
