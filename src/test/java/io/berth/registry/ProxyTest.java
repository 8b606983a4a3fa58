package io.berth.registry;

import static io.berth.registry.ClientFixture.AMD64;
import static io.berth.registry.ClientFixture.reference;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeProxy;
import io.berth.fake.FakeRegistry;
import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.registry.http.Proxies;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every kind of proxy, in front of registries with and without TLS. `registry.invalid` is known to the proxy only.
@DisplayNameGeneration(ReplaceUnderscores.class)
class ProxyTest {
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("etc/motd", "hello"));

    private final FakeRegistry plain = FakeRegistry.start().push("lab/solver", "1.0", IMAGE);
    private final FakeRegistry secure = FakeRegistry.startWithTls().push("lab/solver", "1.0", IMAGE);

    @AfterEach
    void stop() {
        plain.close();
        secure.close();
    }

    @ParameterizedTest
    @CsvSource({
        "http, 127.0.0.1, fetch, connect",
        "http, registry.invalid, fetch, connect",
        "socks4, 127.0.0.1, socks4, socks4",
        "socks4a, registry.invalid, socks4a, socks4a",
        "socks5, 127.0.0.1, socks5, socks5",
        "socks5, registry.invalid, socks5, socks5",
        "socks5h, registry.invalid, socks5, socks5",
    })
    void an_image_is_pulled_through_a_proxy_with_a_user(String scheme, String host, String forPlain, String forSecure)
            throws IOException {
        try (FakeProxy proxy = FakeProxy.forUser("me", scheme.startsWith("socks4") ? "" : "p@ss:w")) {
            String chosen = scheme + "://me:p%40ss:w@" + proxy.address();
            assertThat(pull(chosen, "http://" + host + ":" + plain.url().getPort()))
                    .isEqualTo(IMAGE.manifest().digest());
            assertThat(pull(chosen, "https://" + host + ":" + secure.url().getPort()))
                    .isEqualTo(IMAGE.manifest().digest());
            assertThat(proxy.asked())
                    .contains(
                            forPlain + " " + host + ":" + plain.url().getPort(),
                            forSecure + " " + host + ":" + secure.url().getPort())
                    .allMatch(line -> line.startsWith(forPlain) || line.startsWith(forSecure));
            assertThat(plain.requests())
                    .as("the registry does not see the proxy's password")
                    .allMatch(request -> request.header("Proxy-authorization").isEmpty());
        }
    }

    @Test
    void a_proxy_may_itself_be_behind_tls() throws IOException {
        try (FakeProxy proxy = FakeProxy.behindTls("me", "pw")) {
            String chosen = "https://me:pw@" + proxy.address();
            assertThat(pull(chosen, secure.url().toString()))
                    .isEqualTo(IMAGE.manifest().digest());
            assertThat(pull(chosen, plain.url().toString()))
                    .isEqualTo(IMAGE.manifest().digest());
        }
    }

    @Test
    void tokens_are_fetched_through_the_proxy_too() throws IOException {
        plain.requireBearer("me", "pw");
        try (FakeProxy proxy = FakeProxy.start()) {
            RegistryClient client = ClientFixture.of(
                            options("socks5://" + proxy.address(), plain.url().toString()),
                            ClientFixture.user("me", "pw"))
                    .client();
            client.resolve(reference("lab/solver:1.0"), AMD64);
            assertThat(plain.tokensIssued()).isEqualTo(1);
            assertThat(proxy.asked()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://me:wrong@", "http://", "socks4://you@", "socks5://me:wrong@", "socks5://"})
    void a_proxy_that_refuses_is_told_at_once_and_without_the_password(String before) throws IOException {
        try (FakeProxy proxy = FakeProxy.forUser("me", "secret")) {
            ClientFixture client = ClientFixture.of(
                    options(before + proxy.address(), plain.url().toString()));
            FaultException fault =
                    Faults.expect(Fault.UNREACHABLE, () -> client.client().resolve(reference("lab/solver:1.0"), AMD64));
            assertThat(fault)
                    .hasMessageContaining("proxy " + proxy.address() + ": it ")
                    .hasMessageNotContaining("wrong");
            assertThat(fault.hint().orElse("")).contains("user name and password");
            assertThat(client.pauses()).isEmpty();
            assertThat(plain.requests()).isEmpty();
        }
    }

    @Test
    void what_lies_behind_the_proxy_and_does_not_answer_is_told_as_such() throws IOException {
        try (FakeProxy proxy = FakeProxy.start()) {
            ClientFixture client = ClientFixture.of(options("socks5://" + proxy.address(), "http://127.0.0.1:1"));
            assertThat(Faults.expect(
                            Fault.UNREACHABLE, () -> client.client().resolve(reference("lab/solver:1.0"), AMD64)))
                    .hasMessageContaining("the server refused its connection");
        }
    }

    @Test
    void a_proxy_that_is_not_there_is_named() {
        ClientFixture client =
                ClientFixture.of(options("http://127.0.0.1:1", plain.url().toString()));
        assertThat(Faults.expect(Fault.UNREACHABLE, () -> client.client().resolve(reference("lab/solver:1.0"), AMD64)))
                .hasMessageContaining("proxy 127.0.0.1:1: it refused the connection");
        assertThat(plain.requests()).isEmpty();
    }

    private static Digest pull(String proxy, String base) throws IOException {
        RegistryClient client = ClientFixture.of(options(proxy, base)).client();
        Digest digest = client.resolve(reference("lab/solver:1.0"), AMD64).digest();
        try (InputStream config = client.open(reference("lab/solver:1.0"), IMAGE.config(), 0)) {
            assertThat(config.readAllBytes())
                    .isEqualTo(IMAGE.blobs().get(IMAGE.config().digest()));
        }
        return digest;
    }

    private static RegistryOptions options(String proxy, String base) {
        return ClientFixture.options(base, true)
                .with(RegistryOptions.DOCKER_INDEX, Map.of(), Proxies.of(proxy, Map.of()), List.of());
    }
}
