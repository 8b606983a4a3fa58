package io.berth.registry.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Reads certificates of authorities.
final class Authorities {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----");
    /// Where distributions keep theirs: Debian, Red Hat, SUSE, Alpine.
    private static final List<Path> OF_THE_MACHINE = List.of(
            Path.of("/etc/ssl/certs/ca-certificates.crt"),
            Path.of("/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem"),
            Path.of("/etc/pki/tls/certs/ca-bundle.crt"),
            Path.of("/etc/ssl/ca-bundle.pem"),
            Path.of("/etc/ssl/cert.pem"));

    private Authorities() {}

    /// Java's own.
    static Optional<X509ExtendedTrustManager> ofJava() {
        return manager(null);
    }

    /// The machine's, if it has any that can be read.
    static Optional<X509ExtendedTrustManager> ofTheMachine() {
        return OF_THE_MACHINE.stream().filter(Files::isReadable).findFirst().flatMap(Authorities::in);
    }

    /// Those of a file; a file without any vouches for nobody.
    static Optional<X509ExtendedTrustManager> in(Path file) {
        List<Certificate> certificates = certificates(file);
        return certificates.isEmpty() ? Optional.empty() : manager(store(certificates));
    }

    private static List<Certificate> certificates(Path file) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            return BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1))
                    .results()
                    .flatMap(block -> certificate(factory, block.group()))
                    .toList();
        } catch (IOException e) {
            return List.of(); // whoever named the file has checked it; it is gone since
        } catch (CertificateException e) {
            throw new IllegalStateException("every Java platform has X.509", e);
        }
    }

    /// One that Java cannot read does not spoil the others.
    private static Stream<Certificate> certificate(CertificateFactory factory, String pem) {
        try {
            return Stream.of(
                    factory.generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.ISO_8859_1))));
        } catch (CertificateException e) {
            return Stream.empty();
        }
    }

    private static KeyStore store(List<Certificate> certificates) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry("a" + i, certificates.get(i));
            }
            return store;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("an empty key store can always be made", e);
        }
    }

    /// @param store null for Java's own
    private static Optional<X509ExtendedTrustManager> manager(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return Stream.of(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst();
        } catch (GeneralSecurityException e) {
            return Optional.empty(); // a Java without authorities: the machine's may do
        }
    }
}
