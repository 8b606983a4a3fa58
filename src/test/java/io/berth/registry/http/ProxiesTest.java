package io.berth.registry.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.registry.auth.Credential;
import io.berth.registry.auth.Secret;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ProxiesTest {
    @ParameterizedTest
    @CsvSource({
        "proxy.org, HTTP, proxy.org, 1080",
        "proxy.org:3128, HTTP, proxy.org, 3128",
        "http://proxy.org:3128/, HTTP, proxy.org, 3128",
        "https://proxy.org, HTTPS, proxy.org, 443",
        "SOCKS5://10.0.0.1:9, SOCKS5, 10.0.0.1, 9",
        "socks5h://[::1]:1080, SOCKS5H, [::1], 1080",
        "socks4://a, SOCKS4, a, 1080",
        "socks4a://a:65535, SOCKS4A, a, 65535",
    })
    void a_proxy_is_read_as_curl_reads_it(String text, ProxyServer.Kind kind, String host, int port) {
        assertThat(ProxyServer.parse(text)).isEqualTo(new ProxyServer(kind, host, port, Optional.empty()));
    }

    @ParameterizedTest
    @CsvSource({
        "socks5://me:pw@h:1, me, pw",
        "http://me@h, me, ''",
        "me:p:w@h, me, p:w",
        "http://me:p@ss/w%40rd+100%@h:1, me, p@ss/w@rd+100%",
        "http://m%3Ae:x@h, m:e, x",
    })
    void its_password_may_be_written_as_it_is_or_escaped(String text, String user, String password) {
        assertThat(ProxyServer.parse(text).credential()).contains(new Credential(user, new Secret(password)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://me:secret@h:1", "http://me:secret@h:0", "http://me:secret@h:99999", "me:secret@", "a b"})
    void a_proxy_that_cannot_be_is_refused_without_its_password(String text) {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> ProxyServer.parse(text)))
                .hasMessageNotContaining("secret");
        assertThat(ProxyServer.parse("http://me:secret@h").toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "https://a.org/x, s:1",
        "http://a.org/x, p:1",
        "https://127.0.0.1:5000/x, none",
        "http://localhost/x, none",
        "https://[::1]/x, none",
        "https://quay.io/x, none",
        "https://cdn.quay.io/x, none",
        "https://notquay.io/x, s:1",
        "https://10.1.2.3/x, none",
        "https://11.1.2.3/x, s:1",
        "https://b.org:5000/x, none",
        "https://b.org/x, s:1",
        "https://c.site/x, none",
    })
    void the_environment_says_what_goes_where(URI target, String proxy) {
        Map<String, String> environment = Map.of(
                "https_proxy", "http://s:1",
                "http_proxy", "p:1",
                "no_proxy", "quay.io, 10.0.0.0/8,b.org:5000 .site");
        assertThat(Proxies.of("", environment)
                        .to(target)
                        .map(ProxyServer::address)
                        .orElse("none"))
                .isEqualTo(proxy);
    }

    @Test
    void a_proxy_that_was_chosen_wins_and_is_asked_for_loopback_too_but_not_for_exceptions() {
        Proxies proxies = Proxies.of("socks5://c:1", Map.of("https_proxy", "s:1", "NO_PROXY", "quay.io"));
        assertThat(proxies.to(URI.create("http://127.0.0.1:5000")).orElseThrow().address())
                .isEqualTo("c:1");
        assertThat(proxies.to(URI.create("https://a.org")).orElseThrow().address())
                .isEqualTo("c:1");
        assertThat(proxies.to(URI.create("https://quay.io"))).isEmpty();
        assertThat(Proxies.of("c", Map.of("no_proxy", "*")).to(URI.create("https://a.org")))
                .isEmpty();
    }

    @Test
    void capitals_count_but_not_for_http_and_lower_case_first() {
        Map<String, String> environment = new HashMap<>(Map.of("HTTPS_PROXY", "s:1", "HTTP_PROXY", "evil:1"));
        assertThat(Proxies.of("", environment).https().orElseThrow().host()).isEqualTo("s");
        assertThat(Proxies.of("", environment).http()).isEmpty();
        environment.put("ALL_PROXY", "all:1");
        environment.put("https_proxy", "lower:1");
        assertThat(Proxies.of("", environment).http().orElseThrow().host()).isEqualTo("all");
        assertThat(Proxies.of("", environment).https().orElseThrow().host()).isEqualTo("lower");
    }
}
