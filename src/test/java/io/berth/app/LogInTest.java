package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.files.UnixStat;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Keystore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LogInTest {
    @TempDir
    Path folder;

    private final FakeRegistry registry = FakeRegistry.start();
    private Keystore keystore;

    @BeforeEach
    void open() {
        keystore = new Keystore(folder.resolve("keystore"), UnixStat.of(folder).uid(), Duration.ofSeconds(5));
        registry.put("/v2/", "application/json", "{}");
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private static RegistryOptions options(String url) {
        return new RegistryOptions(
                url,
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                false,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                1);
    }

    private LogIn.Outcome logIn(String password) {
        return new LogIn(options(registry.url().toString()), keystore).logIn("me", password);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_password_that_the_registry_accepts_is_stored(boolean bearer) {
        if (bearer) {
            registry.requireBearer("me", "pw");
        } else {
            registry.requireBasic("me", "pw");
        }
        assertThat(logIn("pw")).isEqualTo(new LogIn.Outcome(registry.url().toString(), ""));
        assertThat(keystore.forRegistry(registry.url().toString())).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_wrong_one_is_refused_and_nothing_is_stored(boolean bearer) {
        if (bearer) {
            registry.requireBearer("me", "pw");
        } else {
            registry.requireBasic("me", "pw");
        }
        assertThat(Faults.expect(Fault.NOT_ALLOWED, () -> logIn("wrong-word")))
                .hasMessageEndingWith("; nothing is stored")
                .hasMessageNotContaining("wrong-word");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void a_registry_that_asks_for_no_password_gets_one_with_a_doubt() {
        assertThat(logIn("pw").doubt()).contains("asks for no password");
        assertThat(keystore.forRegistry(registry.url().toString())).isPresent();
    }

    @Test
    void a_registry_that_cannot_be_reached_gets_one_with_a_doubt() {
        registry.close();
        assertThat(logIn("pw").doubt()).contains("connection refused");
        assertThat(keystore.forRegistry(registry.url().toString())).isPresent();
    }

    @Test
    void a_registry_that_fails_or_is_none_gets_one_with_a_doubt() {
        registry.troubleAlways("/v2/", FakeRegistryTrouble.status(503));
        assertThat(logIn("pw").doubt()).contains("503");
        assertThat(keystore.forRegistry(registry.url().toString())).isPresent();
    }

    @Test
    void logging_out_forgets_one_or_all() {
        logIn("pw");
        LogOut logOut = new LogOut(options(registry.host()), keystore);
        assertThat(logOut.logOut()).isEqualTo("https://" + registry.host());
        assertThat(Faults.expect(Fault.NOT_FOUND, logOut::logOut)).hasMessageContaining(registry.host());
        logIn("pw");
        assertThat(logOut.logOutOfAll()).isTrue();
        assertThat(logOut.logOutOfAll()).isFalse();
        assertThat(keystore.forRegistry(registry.url().toString())).isEmpty();
    }
}
