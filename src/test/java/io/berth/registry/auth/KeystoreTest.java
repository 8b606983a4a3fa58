package io.berth.registry.auth;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class KeystoreTest {
    private static final Credential ME = new Credential("me", new Secret("pw"));

    @TempDir
    Path folder;

    private Path file;
    private Keystore keystore;

    @BeforeEach
    void open() {
        file = folder.resolve("keystore");
        keystore = keystore(UnixStat.of(folder).uid());
    }

    private Keystore keystore(long uid) {
        return new Keystore(file, uid, Duration.ofSeconds(20));
    }

    private void written(String text, String mode) throws IOException {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    @Test
    void what_is_written_is_udockers_file_byte_for_byte() throws IOException {
        keystore.put("https://quay.io", ME);
        keystore.put("https://registry-1.docker.io", new Credential("jürgen", new Secret("a:b")));

        assertThat(file)
                .hasContent("{\"https://quay.io\": {\"auth\": \"bWU6cHc=\", \"email\": \"\"}, "
                        + "\"https://registry-1.docker.io\": {\"auth\": \"asO8cmdlbjphOmI=\", \"email\": \"\"}}");
        assertThat(Files.readString(file)).doesNotEndWith("\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(keystore.forRegistry("https://registry-1.docker.io")
                        .orElseThrow()
                        .password()
                        .reveal())
                .isEqualTo("a:b");
    }

    @Test
    void what_udocker_wrote_is_read_and_kept() throws IOException {
        written(
                "{\"https://ghcr.io\": {\"auth\": \"bWU6cHc=\", \"email\": \"m@x\", \"more\": [1.50, null]}}",
                "rw-------");

        assertThat(keystore.forRegistry("https://ghcr.io")).contains(ME);
        keystore.put("quay.io", ME);
        assertThat(Files.readString(file))
                .startsWith(
                        "{\"https://ghcr.io\": {\"auth\": \"bWU6cHc=\", \"email\": \"m@x\", \"more\": [1.50, null]}, ");
    }

    @ParameterizedTest
    @CsvSource({
        "https://quay.io, https://quay.io",
        "quay.io, https://quay.io",
        "quay.io:443, https://quay.io",
        "https://QUAY.io/v2/, https://quay.io:443",
        "https://127.0.0.1:5000, http://127.0.0.1:5000",
        "127.0.0.1:5000, http://127.0.0.1:5000",
        "docker.io, https://registry-1.docker.io",
        "https://index.docker.io/v1/, https://registry-1.docker.io",
        "https://registry-1.docker.io, docker.io",
        "index.docker.io, https://registry-1.docker.io",
    })
    void a_registry_is_found_however_it_was_written(String stored, String asked) {
        keystore.put(stored, ME);
        assertThat(keystore.forRegistry(asked)).contains(ME);
        assertThat(keystore.remove(asked)).containsExactly(stored);
        assertThat(keystore.forRegistry(asked)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://quay.io, https://evil.quay.io",
        "https://quay.io, https://quay.io.evil.org",
        "https://quay.io, https://quay.io:5000",
        "https://a.org:5000, https://a.org",
        "docker.io, https://docker.io.evil.org",
    })
    void another_registry_never_gets_it(String stored, String asked) {
        keystore.put(stored, ME);
        assertThat(keystore.forRegistry(asked)).isEmpty();
    }

    @Test
    void the_entry_that_is_written_as_asked_wins() {
        keystore.put("quay.io", new Credential("bare", new Secret("1")));
        keystore.put("http://quay.io", new Credential("plain", new Secret("2")));
        keystore.put("https://quay.io", ME);
        assertThat(keystore.forRegistry("https://quay.io")).contains(ME);
        assertThat(keystore.forRegistry("http://quay.io").orElseThrow().username())
                .isEqualTo("plain");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r--r--", "rw-rw----", "rw----r--"})
    void a_file_that_others_can_read_is_refused_as_udocker_does(String mode) throws IOException {
        written("{\"https://quay.io\": {\"auth\": \"bWU6cHc=\", \"email\": \"\"}}", mode);
        assertThat(Faults.expect(Fault.NOT_ALLOWED, () -> keystore.forRegistry("https://quay.io"))
                        .hint())
                .contains("chmod 600 " + file);
        Faults.expect(Fault.NOT_ALLOWED, () -> keystore.put("https://a.org", ME));
    }

    @Test
    void a_file_of_another_user_is_refused() {
        keystore.put("https://quay.io", ME);
        assertThat(Faults.expect(Fault.NOT_ALLOWED, () -> keystore(4711).forRegistry("https://quay.io")))
                .hasMessageContaining("belongs to another user");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"https://quay.io\": ", "not json"})
    void a_damaged_file_is_told_and_left_as_it_is(String text) throws IOException {
        written(text, "rw-------");
        Faults.expect(Fault.CORRUPT, () -> keystore.forRegistry("https://quay.io"));
        Faults.expect(Fault.CORRUPT, () -> keystore.put("https://quay.io", ME));
        assertThat(Files.readString(file)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "!!!", "bm9jb2xvbg=="})
    void an_entry_that_is_no_name_and_password_is_none(String auth) throws IOException {
        written("{\"https://quay.io\": {\"auth\": \"" + auth + "\"}}", "rw-------");
        assertThat(keystore.forRegistry("https://quay.io")).isEmpty();
    }

    @Test
    void nothing_is_read_or_removed_where_there_is_nothing() {
        assertThat(keystore.forRegistry("https://quay.io")).isEmpty();
        assertThat(keystore.remove("https://quay.io")).isEmpty();
        assertThat(keystore.erase()).isFalse();
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void erasing_removes_the_file() {
        keystore.put("https://quay.io", ME);
        assertThat(keystore.erase()).isTrue();
        assertThat(file).doesNotExist();
    }

    @Test
    void a_keystore_that_is_a_link_stays_one() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Files.createSymbolicLink(file, real.resolve("k"));
        Files.writeString(real.resolve("k"), "{}");
        Files.setPosixFilePermissions(real.resolve("k"), PosixFilePermissions.fromString("rw-------"));
        keystore.put("https://quay.io", ME);
        assertThat(file).isSymbolicLink();
        assertThat(real.resolve("k")).content().contains("quay.io");
    }

    @Test
    void many_at_once_lose_nothing() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<?>> done = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String url = "https://r" + i + ".org";
                done.add(
                        threads.submit(() -> keystore(UnixStat.of(folder).uid()).put(url, ME)));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        for (int i = 0; i < 40; i++) {
            assertThat(keystore.forRegistry("https://r" + i + ".org")).isPresent();
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(path -> String.valueOf(path.getFileName())))
                    .containsExactlyInAnyOrder("keystore", ".keystore.lock");
        }
    }

    @Test
    void what_dockers_login_stored_is_read_where_ours_has_nothing() throws IOException {
        Path docker = folder.resolve("config.json");
        Files.writeString(
                docker,
                "{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"aHViOjE=\"},\"quay.io\":{\"auth\":\"cXVheToy\"},"
                        + "\"helped.org\":{}},\"credsStore\":\"pass\"}");
        Credentials both = keystore.or(new DockerLogins(docker)).or(new DockerLogins(folder.resolve("none")));
        assertThat(both.forRegistry("https://registry-1.docker.io")
                        .orElseThrow()
                        .username())
                .isEqualTo("hub");
        assertThat(both.forRegistry("https://quay.io").orElseThrow().username()).isEqualTo("quay");
        assertThat(both.forRegistry("https://helped.org")).isEmpty();
        keystore.put("https://quay.io", ME);
        assertThat(both.forRegistry("https://quay.io")).contains(ME);
        Files.writeString(docker, "{broken");
        assertThat(both.forRegistry("https://registry-1.docker.io")).isEqualTo(Optional.empty());
    }
}
