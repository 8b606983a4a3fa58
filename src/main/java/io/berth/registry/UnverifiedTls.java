package io.berth.registry;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/// TLS without a look at the certificate, for whoever asked for exactly that. Set per connection, never for the
/// process.
record UnverifiedTls(SSLSocketFactory factory) {
    static UnverifiedTls create() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new Anyone()}, null);
            return new UnverifiedTls(context.getSocketFactory());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has TLS", e);
        }
    }

    void applyTo(HttpsURLConnection connection) {
        connection.setSSLSocketFactory(factory);
        connection.setHostnameVerifier((host, session) -> true);
    }

    private static final class Anyone extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
            // anyone
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
            // anyone
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            // anyone
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
            // anyone
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            // anyone
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
            // anyone
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
