package io.berth.registry.http;

import io.berth.fault.FaultException;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A proxy, and the language it speaks.
///
/// Shape: `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`; without a scheme it is http.
/// Source: curl(1), `--proxy`, whose forms and default ports udocker takes.
public record ProxyServer(Kind kind, String host, int port, Optional<Credential> credential) {
    private static final Pattern SHAPE = Pattern.compile(
            "(?:([A-Za-z0-9]+)://)?(?:(.*)@)?(\\[[0-9A-Fa-f:.]+]|[^\\[\\]:/@\\s]+)(?::([0-9]{1,5}))?/?");

    /// The languages of proxies.
    public enum Kind {
        HTTP,
        HTTPS,
        /// The name is looked up here.
        SOCKS4,
        /// The name is looked up there.
        SOCKS4A,
        /// The name is looked up here, or there when it is not known here.
        SOCKS5,
        /// The name is looked up there.
        SOCKS5H;

        boolean isSocks() {
            return this != HTTP && this != HTTPS;
        }

        private int usualPort() {
            return this == HTTPS ? 443 : 1080;
        }
    }

    /// Errors: BAD_INPUT, without the password.
    public static ProxyServer parse(String text) {
        Matcher parts = SHAPE.matcher(text.strip());
        if (!parts.matches()) {
            throw refused(text);
        }
        Kind kind = kindOf(Optional.ofNullable(parts.group(1)).orElse("http"), text);
        int port = Optional.ofNullable(parts.group(4)).map(Integer::valueOf).orElseGet(kind::usualPort);
        if (port < 1 || port > 65535) {
            throw refused(text);
        }
        String host = parts.group(3);
        return new ProxyServer(
                kind, host, port, Optional.ofNullable(parts.group(2)).map(ProxyServer::credentialIn));
    }

    String address() {
        return host + ":" + port;
    }

    private static Kind kindOf(String scheme, String text) {
        try {
            return Kind.valueOf(scheme.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw refused(text);
        }
    }

    private static Credential credentialIn(String userInfo) {
        int colon = userInfo.indexOf(':');
        String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        return new Credential(decoded(user), new Secret(colon < 0 ? "" : decoded(userInfo.substring(colon + 1))));
    }

    /// Passwords are often written as they are: what is no escape stays.
    private static String decoded(String text) {
        String escapes = text.replaceAll("%(?![0-9A-Fa-f]{2})", "%25").replace("+", "%2B");
        return URLDecoder.decode(escapes, StandardCharsets.UTF_8);
    }

    private static FaultException refused(String text) {
        return FaultException.badInput(
                "reading proxy '" + text.replaceAll("(^|//)[^/]*@", "$1***@")
                        + "': it is not [SCHEME://][USER:PASSWORD@]HOST:PORT",
                "schemes are http, https, socks4, socks4a, socks5 and socks5h");
    }
}
