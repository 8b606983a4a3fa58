package io.berth.registry.http;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Which proxy leads to which server.
///
/// Source: curl(1), "ENVIRONMENT"; like Go's programs, a proxy of the environment is not asked for loopback.
///
/// @param chosen by the user for everything
/// @param http for http servers, when none was chosen
/// @param https for https servers, when none was chosen
/// @param except hosts that are reached directly: `*`, a domain with all below it, an address, or a network
///     (`10.0.0.0/8`); each may name a port
public record Proxies(
        Optional<ProxyServer> chosen, Optional<ProxyServer> http, Optional<ProxyServer> https, List<String> except) {
    public Proxies {
        except = List.copyOf(except);
    }

    public static Proxies none() {
        return new Proxies(Optional.empty(), Optional.empty(), Optional.empty(), List.of());
    }

    /// Errors: BAD_INPUT for a proxy that cannot be read.
    ///
    /// @param chosen as a user wrote it, empty for none
    /// @param environment with `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, in either case, but
    ///     `http_proxy` (a web server would set `HTTP_PROXY` to what a client wants)
    public static Proxies of(String chosen, Map<String, String> environment) {
        Optional<ProxyServer> all = variable(environment, "all_proxy", "ALL_PROXY");
        return new Proxies(
                chosen.isBlank() ? Optional.empty() : Optional.of(ProxyServer.parse(chosen)),
                variable(environment, "http_proxy").or(() -> all),
                variable(environment, "https_proxy", "HTTPS_PROXY").or(() -> all),
                Arrays.stream(text(environment, "no_proxy", "NO_PROXY").split("[,\\s]+"))
                        .filter(word -> !word.isEmpty())
                        .toList());
    }

    /// The proxy to ask for this server; none to ask the server itself.
    public Optional<ProxyServer> to(URI target) {
        String host = bare(String.valueOf(target.getHost()));
        boolean secure = "https".equalsIgnoreCase(target.getScheme());
        int usual = secure ? 443 : 80;
        int port = target.getPort() < 0 ? usual : target.getPort();
        if (except.stream().anyMatch(entry -> covers(entry, host, port))) {
            return Optional.empty();
        }
        if (chosen.isPresent()) {
            return chosen;
        }
        return isLoopback(host) ? Optional.empty() : secure ? https : http;
    }

    private static Optional<ProxyServer> variable(Map<String, String> environment, String... names) {
        String text = text(environment, names);
        return text.isBlank() ? Optional.empty() : Optional.of(ProxyServer.parse(text));
    }

    private static String text(Map<String, String> environment, String... names) {
        return Arrays.stream(names)
                .map(name -> environment.getOrDefault(name, ""))
                .filter(value -> !value.isBlank())
                .findFirst()
                .orElse("");
    }

    private static boolean covers(String entry, String host, int port) {
        String name = entry.toLowerCase(Locale.ROOT);
        int colon = name.lastIndexOf(':');
        if (colon > 0 && name.indexOf(':') == colon && name.substring(colon + 1).matches("[0-9]{1,5}")) {
            if (Integer.parseInt(name.substring(colon + 1)) != port) {
                return false;
            }
            name = name.substring(0, colon);
        }
        if (name.indexOf('/') > 0) {
            return isWithin(host, name.substring(0, name.indexOf('/')), name.substring(name.indexOf('/') + 1));
        }
        String domain = bare(name.replaceFirst("^\\*?\\.", ""));
        return name.equals("*") || host.equals(domain) || host.endsWith("." + domain);
    }

    private static boolean isWithin(String host, String network, String bits) {
        Optional<byte[]> address = literal(host);
        Optional<byte[]> base = literal(bare(network));
        if (address.isEmpty() || base.isEmpty() || !bits.matches("[0-9]{1,3}")) {
            return false;
        }
        int length = base.get().length * 8;
        int beyond = length - Integer.parseInt(bits);
        return address.get().length * 8 == length
                && beyond >= 0
                && new BigInteger(1, address.get())
                        .shiftRight(beyond)
                        .equals(new BigInteger(1, base.get()).shiftRight(beyond));
    }

    /// The bytes of an address that is written as such; a name is not looked up.
    private static Optional<byte[]> literal(String host) {
        if (!host.matches("[0-9]+(\\.[0-9]+){3}") && host.indexOf(':') < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.getByName(host).getAddress());
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("::1") || host.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static String bare(String host) {
        return host.replaceFirst("^\\[(.*)]$", "$1").toLowerCase(Locale.ROOT);
    }
}
