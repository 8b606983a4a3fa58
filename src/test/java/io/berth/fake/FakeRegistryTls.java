package io.berth.fake;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/// The key of [FakeRegistry] behind TLS.
///
/// Source: `keytool -genkeypair -alias fake -keyalg EC -groupname secp256r1 -dname CN=localhost
/// -ext san=dns:localhost,ip:127.0.0.1 -validity 36500 -storetype PKCS12 -storepass berthfake`, in Base64.
final class FakeRegistryTls {
    private static final String PASSWORD = "berthfake";
    private static final String KEYS = """
            MIIEDAIBAzCCA7YGCSqGSIb3DQEHAaCCA6cEggOjMIIDnzCCASYGCSqGSIb3DQEHAaCCARcEggETMIIBDzCCAQsGCyqGSIb3DQEM
            CgECoIG9MIG6MGYGCSqGSIb3DQEFDTBZMDgGCSqGSIb3DQEFDDArBBSPVYWfVwNIJaItQ8mHBQ73hDwymAICJxACASAwDAYIKoZI
            hvcNAgkFADAdBglghkgBZQMEASoEEEXFp0DdTsgCKQcaYukcn9EEUMsaWYtedIm/y9NlhM9XuEpEpfKLGrBc/pwKEMlMVRoLeT+m
            KK+ATBGm7kPDIUw501Tp7L53FlJ9TN+RmQgx9qQsqEz32se9IniCTBvNtO13MTwwFwYJKoZIhvcNAQkUMQoeCABmAGEAawBlMCEG
            CSqGSIb3DQEJFTEUBBJUaW1lIDE3OTU1NDQ1NDE0MjIwggJxBgkqhkiG9w0BBwagggJiMIICXgIBADCCAlcGCSqGSIb3DQEHATBm
            BgkqhkiG9w0BBQ0wWTA4BgkqhkiG9w0BBQwwKwQUSfJMbpvBVk4C/VSNRPYD3IPdDnACAicQAgEgMAwGCCqGSIb3DQIJBQAwHQYJ
            YIZIAWUDBAEqBBAnFTLFbW5jbUABpK1DdO/OgIIB4Ch6ru9JsPiIjzrTPMCy2bLo7wFq9EXIW6ZSWM09++VDIHvljxIllufnXyHr
            Y7KSVi2xr2I1uwD6Cdp8qwhrDXNZ5Z27+1pYn0tYc0tl2Rz6vZN1tUbYgVDn1simNE3dSUZ3HcBituqhNHN93fnV8qn9AwSEJwgr
            6u2F7oqKCjsMSXa/haiV/AJxDAbUQRaA2KjqLZmtUxqStdITXPiJu6MKm5KrWfdpMNIsc+mAkinmrOO59bvIk9d0YMB2PajeUVck
            bqe7vmQ08iSsYzhCa2YJE8pTL/DGNVBX1X0nX2S+msUeUIGR+XLk/yG3vAZ2a7N/f51QbTSwbGHMF+QbEwv95gB0v8ctTZi/aE12
            Cvv/4TIIf3OYUjWyTv5CtsM2Io9etvMJbD6VdD9iv2y0MdnPBekWx1/Luvh5HDAd6atbbArt4IyamhBEcGcGBBvSak+f6jVy7R9g
            GyY2BaHv4LsiHN1cog+8a66kU4MPz2JwYZ63CXPGUbqlKa+ltXByjyC0mPODjVqCmeFPG3Fg4vUz0tLQ3tSiE3gEjahLuPZZ61RH
            bsNxR4FauiTxpThivknxwCglAP0HLu6A9zDZ6eW3zWhERdQAih0SDs48YTP0qL/l/cuYz4iHOZpf8VNYhTBNMDEwDQYJYIZIAWUD
            BAIBBQAEINQ42vy7CwvM0r/Q37zPastEJ4/OoJG8TKyR42NtkRkLBBRDWURo5jGIOc9gPsGwPJrt/nKh2AICJxA=
            """;

    private FakeRegistryTls() {}

    /// Its certificate, which is its own authority, in PEM form.
    static String certificate() {
        try {
            byte[] der = keys().getCertificate("fake").getEncoded();
            return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(der)
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KeyStore keys() throws GeneralSecurityException, IOException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(new ByteArrayInputStream(Base64.getMimeDecoder().decode(KEYS)), PASSWORD.toCharArray());
        return keys;
    }

    static SSLContext context() {
        try {
            KeyStore keys = keys();
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
