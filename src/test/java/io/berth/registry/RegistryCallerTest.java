package io.berth.registry;

import static io.berth.registry.ClientFixture.AMD64;
import static io.berth.registry.ClientFixture.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryRequest;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.ImageReference;
import java.io.InputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryCallerTest {
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("etc/motd", "hello"));

    private final FakeRegistry registry = FakeRegistry.start();
    private final ImageReference name = reference(registry.host() + "/lab/solver:1.0");
    private final ClientFixture anyone = ClientFixture.plain();
    private final ClientFixture me =
            ClientFixture.of(ClientFixture.options("https://unused"), ClientFixture.user("me", "pw"));

    RegistryCallerTest() {
        registry.push("lab/solver", "1.0", IMAGE);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    // --- authorization

    @Test
    void a_token_is_fetched_once_and_used_for_everything_of_the_repository() throws Exception {
        registry.requireBearer();
        anyone.client().resolve(name, AMD64);
        readConfig(anyone);
        readConfig(anyone);
        assertThat(registry.requests())
                .extracting(FakeRegistryRequest::toString)
                .map(text -> text.replaceFirst("sha256:.*", "DIGEST"))
                .containsExactly(
                        "GET /v2/lab/solver/manifests/1.0",
                        "GET /token",
                        "GET /v2/lab/solver/manifests/1.0",
                        "GET /v2/lab/solver/blobs/DIGEST",
                        "GET /v2/lab/solver/blobs/DIGEST");
        assertThat(registry.requests("/token").getFirst().query())
                .isEqualTo("service=fake&scope=repository%3Alab%2Fsolver%3Apull");
    }

    @Test
    void a_token_that_ran_out_is_renewed() throws Exception {
        registry.requireBearer();
        anyone.client().resolve(name, AMD64);
        registry.expireTokens();
        readConfig(anyone);
        assertThat(registry.tokensIssued()).isEqualTo(2);
    }

    @Test
    void a_password_goes_to_the_token_service_and_not_to_the_registry() {
        registry.requireBearer("me", "pw");
        me.client().resolve(name, AMD64);
        assertThat(registry.requests("/token").getFirst().header("Authorization"))
                .contains("Basic bWU6cHc=");
        assertThat(registry.requests("/manifests/"))
                .noneMatch(request -> request.header("Authorization").orElse("").startsWith("Basic"));
        assertThat(faultOf(anyone).fault()).isEqualTo(Fault.NOT_ALLOWED);
    }

    @Test
    void a_registry_that_refuses_every_token_is_given_up_after_one_renewal() {
        registry.requireBearer();
        registry.troubleAlways("/manifests/", (exchange, good) -> {
            exchange.getResponseHeaders()
                    .set("WWW-Authenticate", "Bearer realm=\"" + registry.url() + "/token\", service=\"s\"");
            FakeRegistryTrouble.status(401).strike(exchange, good);
        });
        assertThat(faultOf(anyone)).hasMessageContaining("access denied (401)").satisfies(fault -> {
            assertThat(fault.fault()).isEqualTo(Fault.NOT_ALLOWED);
            assertThat(fault.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("berth login"));
        });
        assertThat(registry.tokensIssued()).isEqualTo(2);
        assertThat(registry.requests("/manifests/")).hasSize(3);
    }

    @Test
    void basic_authorization_is_sent_only_when_asked_for() throws Exception {
        registry.requireBasic("me", "pw");
        me.client().resolve(name, AMD64);
        readConfig(me);
        assertThat(registry.requests("/manifests/")).hasSize(2);
        assertThat(registry.requests("/blobs/")).hasSize(1);
        assertThat(registry.requests().getFirst().header("Authorization")).isEmpty();
    }

    @Test
    void a_wrong_password_is_sent_once() {
        registry.requireBasic("me", "other");
        assertThat(faultOf(me)).hasMessageNotContaining("pw").hasMessageContaining("access denied (401)");
        assertThat(registry.requests()).hasSize(2);
        assertThat(faultOf(anyone).fault()).isEqualTo(Fault.NOT_ALLOWED);
    }

    // --- redirects

    @Test
    void a_redirect_to_another_server_does_not_carry_the_authorization() throws Exception {
        registry.requireBearer();
        try (FakeRegistry storage = FakeRegistry.start()) {
            storage.push("lab/solver", "1.0", IMAGE);
            registry.troubleAlways("/blobs/", FakeRegistryTrouble.redirectTo(storage));
            anyone.client().resolve(name, AMD64);
            readConfig(anyone);
            assertThat(registry.requests("/blobs/").getFirst().header("Authorization"))
                    .isPresent();
            assertThat(storage.requests()).hasSize(1).allSatisfy(request -> {
                assertThat(request.header("Authorization")).isEmpty();
                assertThat(request.query()).isEqualTo("signature=hidden");
            });
        }
    }

    @Test
    void what_another_server_refuses_is_told_without_its_query_and_without_a_password() {
        try (FakeRegistry storage = FakeRegistry.start()) {
            storage.requireBasic("me", "pw");
            registry.troubleAlways("/blobs/", FakeRegistryTrouble.redirectTo(storage));
            FaultException fault = catchThrowableOfType(FaultException.class, () -> readConfig(me));
            assertThat(fault).hasMessageNotContaining("hidden").hasMessageContaining("from " + storage.host());
            assertThat(storage.requests())
                    .allSatisfy(request ->
                            assertThat(request.header("Authorization")).isEmpty());
        }
    }

    @Test
    void a_redirect_on_the_same_server_keeps_the_authorization() {
        registry.requireBasic("me", "pw");
        registry.push("lab/moved", "1.0", IMAGE);
        registry.troubleAlways(
                "/solver/manifests/", FakeRegistryTrouble.redirect(URI.create("/v2/lab/moved/manifests/1.0")));
        assertThat(me.client().resolve(name, AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
    }

    @ParameterizedTest
    @CsvSource({
        "https://a/x, https://a:443/y, true",
        "https://a/x, https://A/y, true",
        "http://a:5000/x, https://a:5000/y, true",
        "https://a:5000/x, http://a:5000/y, false",
        "https://a/x, https://a:444/y, false",
        "https://a/x, https://a.b/y, false",
        "http://a/x, https://a/y, false"
    })
    void authorization_stays_with_its_host_and_port_and_behind_tls(URI origin, URI target, boolean sent) {
        assertThat(RegistryCaller.maySee(origin, target)).isEqualTo(sent);
    }

    @Test
    void redirects_in_a_circle_end() {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.redirectTo(registry));
        assertThat(faultOf(anyone)).hasMessageContaining("more than 5 redirects");
        assertThat(registry.requests()).hasSize(6);
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "http:relative", "jar:file:/x!/y"})
    void redirects_that_lead_out_of_http_are_refused(String target) {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.redirect(URI.create(target)));
        assertThat(faultOf(anyone)).hasMessageContaining("leads nowhere");
    }

    // --- retries

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429})
    void a_server_that_fails_is_asked_again_later(int status) {
        registry.troubleNext(3, "/manifests/", FakeRegistryTrouble.status(status));
        anyone.client().resolve(name, AMD64);
        assertThat(anyone.pauses()).hasSize(3).isSorted();
        assertThat(anyone.pauses().getFirst()).isBetween(Duration.ofMillis(300), Duration.ofMillis(400));
    }

    @Test
    void a_server_that_keeps_failing_is_given_up() {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.status(503));
        assertThat(faultOf(anyone))
                .hasMessageEndingWith("from " + registry.host() + ": the server failed (503)")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.UNREACHABLE);
        assertThat(registry.requests()).hasSize(4);
    }

    @Test
    void a_refusal_is_not_tried_again() {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.status(403));
        assertThat(faultOf(anyone).fault()).isEqualTo(Fault.NOT_ALLOWED);
        assertThat(registry.requests()).hasSize(1);
    }

    @Test
    void a_registry_is_left_alone_for_as_long_as_it_asks_but_not_for_ever() {
        registry.troubleNext(1, "/manifests/", FakeRegistryTrouble.tooManyRequests("7"));
        registry.troubleNext(1, "/manifests/", FakeRegistryTrouble.tooManyRequests("86400"));
        anyone.client().resolve(name, AMD64);
        assertThat(anyone.pauses().getFirst()).isBetween(Duration.ofSeconds(7), Duration.ofSeconds(9));
        assertThat(anyone.pauses().getLast()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(38));
    }

    @Test
    void dates_and_nonsense_in_retry_after_are_understood() {
        assertThat(Retries.retryAfter("Fri, 01 Jan 2100 00:00:00 GMT")).isGreaterThan(Duration.ofDays(1));
        assertThat(Retries.retryAfter("Fri, 01 Jan 2010 00:00:00 GMT")).isZero();
        assertThat(Retries.retryAfter("soon")).isZero();
        assertThat(Retries.retryAfter("-1")).isZero();
    }

    @Test
    void a_dropped_connection_is_tried_again() {
        registry.troubleNext(3, "/manifests/", FakeRegistryTrouble.drop());
        assertThat(anyone.client().resolve(name, AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
    }

    @Test
    void a_manifest_that_ends_early_is_fetched_again() {
        registry.troubleNext(1, "/manifests/", FakeRegistryTrouble.truncateAfter(20));
        assertThat(anyone.client().resolve(name, AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
        assertThat(anyone.pauses()).hasSize(1);
    }

    @Test
    void an_interrupted_wait_ends_the_pull() {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.status(503));
        RegistryClient real = new RegistryClient(
                ClientFixture.options("https://unused"), io.berth.registry.auth.Credentials.none(), time -> {
                    throw new InterruptedException();
                });
        FaultException fault = catchThrowableOfType(FaultException.class, () -> real.resolve(name, AMD64));
        assertThat(Thread.interrupted()).isTrue();
        assertThat(fault.fault()).isEqualTo(Fault.INTERRUPTED);
    }

    private FaultException faultOf(ClientFixture who) {
        return catchThrowableOfType(FaultException.class, () -> who.client().resolve(name, AMD64));
    }

    private void readConfig(ClientFixture who) throws Exception {
        try (InputStream config = who.client().open(name, IMAGE.config(), 0)) {
            assertThat(config.readAllBytes())
                    .isEqualTo(IMAGE.blobs().get(IMAGE.config().digest()));
        }
    }
}
