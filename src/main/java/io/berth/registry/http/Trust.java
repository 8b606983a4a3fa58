package io.berth.registry.http;

import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Believes what one of several lists of authorities vouches for. A list is read when the ones before it did not do,
/// since reading the machine's takes longer than a handshake.
final class Trust extends X509ExtendedTrustManager {
    private final List<Source> sources = new ArrayList<>();

    private Trust() {}

    /// Those of the files first, then Java's, then the machine's.
    static Trust with(List<Path> authorities) {
        Trust trust = new Trust();
        authorities.forEach(file -> trust.sources.add(new Source(() -> Authorities.in(file))));
        trust.sources.add(new Source(Authorities::ofJava));
        trust.sources.add(new Source(Authorities::ofTheMachine));
        return trust;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        any(manager -> manager.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        any(manager -> manager.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        any(manager -> manager.checkServerTrusted(chain, authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw noServer();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static CertificateException noServer() {
        return new CertificateException("berth is no server");
    }

    private interface Check {
        void by(X509ExtendedTrustManager manager) throws CertificateException;
    }

    private void any(Check check) throws CertificateException {
        CertificateException told = null;
        for (Source source : sources) {
            for (X509ExtendedTrustManager manager : source.managers()) {
                try {
                    check.by(manager);
                    return;
                } catch (CertificateException e) {
                    told = told == null ? e : told;
                }
            }
        }
        throw told == null ? new CertificateException("no authority is known here") : told;
    }

    /// A list of authorities that is read once.
    private static final class Source {
        private final Supplier<Optional<X509ExtendedTrustManager>> reading;
        private @Nullable List<X509ExtendedTrustManager> read;

        Source(Supplier<Optional<X509ExtendedTrustManager>> reading) {
            this.reading = reading;
        }

        /// None or one.
        synchronized List<X509ExtendedTrustManager> managers() {
            if (read == null) {
                read = reading.get().stream().toList();
            }
            return read;
        }
    }
}
