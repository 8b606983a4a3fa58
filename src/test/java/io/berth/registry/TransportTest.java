package io.berth.registry;

import static io.berth.registry.ClientFixture.AMD64;
import static io.berth.registry.ClientFixture.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.fake.FakeProxy;
import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTlsDoor;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.http.Proxies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TransportTest {
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("etc/motd", "hello"));

    private final FakeRegistry registry = FakeRegistry.startWithTls().push("lab/solver", "1.0", IMAGE);

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void a_certificate_that_nobody_trusts_is_refused() {
        ClientFixture careful =
                ClientFixture.of(ClientFixture.options(registry.url().toString()));
        FaultException fault = catchThrowableOfType(
                FaultException.class, () -> careful.client().resolve(reference("lab/solver:1.0"), AMD64));
        assertThat(fault).hasMessageEndingWith("its certificate is not trusted");
        assertThat(fault.fault()).isEqualTo(Fault.UNREACHABLE);
        assertThat(careful.pauses()).isEmpty();
    }

    @Test
    void an_authority_that_was_named_is_believed_for_its_hosts_only(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("ca.pem"), "comment\n" + FakeRegistry.certificate());
        try (FakeProxy proxy = FakeProxy.start()) {
            Proxies proxies = Proxies.of("socks5h://" + proxy.address(), Map.of());
            List<Path> authorities = List.of(folder.resolve("none"), file);
            for (String host : List.of("localhost", "other.invalid")) {
                String base = "https://" + host + ":" + registry.url().getPort();
                RegistryClient client = ClientFixture.of(ClientFixture.options(base)
                                .with(RegistryOptions.DOCKER_INDEX, Map.of(), proxies, authorities))
                        .client();
                if (host.equals("localhost")) {
                    assertThat(client.resolve(reference("lab/solver:1.0"), AMD64)
                                    .digest())
                            .isEqualTo(IMAGE.manifest().digest());
                } else {
                    assertThat(catchThrowableOfType(
                                    FaultException.class, () -> client.resolve(reference("lab/solver:1.0"), AMD64)))
                            .hasMessageEndingWith("its certificate is not trusted");
                }
            }
        }
    }

    @Test
    void a_loopback_registry_behind_tls_that_nobody_trusts_is_told_as_such() throws IOException {
        try (FakeRegistryTlsDoor door = FakeRegistryTlsDoor.before(registry)) {
            ClientFixture careful = ClientFixture.of(ClientFixture.options("https://unused"));
            assertThat(catchThrowableOfType(
                            FaultException.class,
                            () -> careful.client().resolve(reference(door.host() + "/lab/solver:1.0"), AMD64)))
                    .hasMessageEndingWith("its certificate is not trusted");
            assertThat(careful.pauses()).isEmpty();
        }
    }

    @Test
    void insecure_takes_any_certificate() {
        ClientFixture careless =
                ClientFixture.of(ClientFixture.options(registry.url().toString(), true));
        assertThat(careless.client().resolve(reference("lab/solver:1.0"), AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
    }

    @Test
    void a_loopback_registry_that_says_it_speaks_tls_is_asked_by_https() throws IOException {
        try (FakeRegistryTlsDoor door = FakeRegistryTlsDoor.before(registry)) {
            ClientFixture careless = ClientFixture.of(ClientFixture.options("https://unused", true));
            for (int i = 0; i < 2; i++) {
                assertThat(careless.client()
                                .resolve(reference(door.host() + "/lab/solver:1.0"), AMD64)
                                .digest())
                        .isEqualTo(IMAGE.manifest().digest());
            }
            assertThat(door.plainRequests()).isEqualTo(1);
        }
    }

    @Test
    void a_port_that_speaks_something_else_is_told_at_once() throws IOException {
        try (FakeRegistryTlsDoor door = FakeRegistryTlsDoor.saying("SSH-2.0-OpenSSH_9.2p1\r\n", registry)) {
            ClientFixture client = ClientFixture.of(ClientFixture.options("https://unused"));
            FaultException fault = catchThrowableOfType(
                    FaultException.class, () -> client.client().resolve(reference(door.host() + "/a"), AMD64));
            assertThat(fault).hasMessageEndingWith("the answer is not HTTP");
            assertThat(client.pauses()).isEmpty();
        }
    }

    @Test
    void a_password_is_not_sent_in_the_clear_because_a_tls_registry_says_so() {
        try (FakeRegistry tokens = FakeRegistry.start()) {
            registry.troubleAlways("/manifests/", (exchange, good) -> {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"" + tokens.url() + "/token\"");
                FakeRegistryTrouble.status(401).strike(exchange, good);
            });
            ClientFixture me = ClientFixture.of(
                    ClientFixture.options(registry.url().toString(), true), ClientFixture.user("me", "pw"));
            FaultException fault = catchThrowableOfType(
                    FaultException.class, () -> me.client().resolve(reference("lab/solver:1.0"), AMD64));
            assertThat(fault.fault()).isEqualTo(Fault.NOT_ALLOWED);
            assertThat(fault).hasMessageContaining("password").hasMessageNotContaining("pw");
            assertThat(tokens.requests()).isEmpty();
        }
    }

    @Test
    void a_port_that_cannot_be_is_told_at_once() {
        ClientFixture client = ClientFixture.of(ClientFixture.options("https://unused"));
        FaultException fault = catchThrowableOfType(
                FaultException.class, () -> client.client().resolve(reference("127.0.0.1:99999/a"), AMD64));
        assertThat(fault.fault()).isEqualTo(Fault.UNREACHABLE);
        assertThat(client.pauses()).isEmpty();
    }

    @Test
    void https_to_a_server_without_tls_is_told_as_such() {
        try (FakeRegistry plain = FakeRegistry.start()) {
            ClientFixture client = ClientFixture.of(ClientFixture.options("https://" + plain.host()));
            FaultException fault = catchThrowableOfType(
                    FaultException.class, () -> client.client().resolve(reference("lab/solver:1.0"), AMD64));
            assertThat(fault.fault()).isEqualTo(Fault.UNREACHABLE);
        }
    }
}
