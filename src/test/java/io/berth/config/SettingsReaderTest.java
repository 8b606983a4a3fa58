package io.berth.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SettingsReaderTest {
    private static final Map<String, String> HOME = Map.of("HOME", "/home/u");

    @TempDir
    Path folder;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @Test
    void without_any_source_the_defaults_hold() {
        Settings settings = SettingsReader.read(List.of(folder.resolve("none")), HOME, Map.of());

        assertThat(settings.repository().root()).isEqualTo(Path.of("/home/u/.udocker"));
        assertThat(settings.registry().defaultRegistry()).isEqualTo("https://registry-1.docker.io");
        assertThat(settings.registry().insecure()).isFalse();
        assertThat(settings.stage().nodeDirectory()).isEqualTo(Path.of("/tmp"));
        assertThat(settings.stage().patience()).isEqualTo(Duration.ofMinutes(30));
        assertThat(settings.proot()).isEmpty();
        assertThat(settings.sources().get("node_dir")).isEqualTo("/tmp  (default)");
    }

    @Test
    void later_files_then_the_environment_then_the_command_line_win() throws IOException {
        Path system =
                file("system", "repository=/s\nregistry=s.org\nnode_dir = /s\npatience_seconds=1\ninsecure=yes\n");
        Path user = file("user", "# comment\n\n  repository = /u\nregistry=u.org\nnode_dir=/u\n");

        Settings settings = SettingsReader.read(
                List.of(system, user),
                Map.of("BERTH_DIR", "/e", "BERTH_REGISTRY", "e.org"),
                Map.of("repository", "/c"));

        assertThat(settings.repository().root()).isEqualTo(Path.of("/c"));
        assertThat(settings.registry().defaultRegistry()).isEqualTo("e.org");
        assertThat(settings.stage().nodeDirectory()).isEqualTo(Path.of("/u"));
        assertThat(settings.stage().patience()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.registry().insecure()).isTrue();
    }

    @Test
    void each_value_remembers_its_source() throws IOException {
        Path file = file("f", "\nnode_dir = /u\n");

        Settings settings =
                SettingsReader.read(List.of(file), Map.of("UDOCKER_DIR", "/e"), Map.of("registry", "c.org"));

        assertThat(settings.sources())
                .containsEntry("node_dir", "/u  (" + file + ":2)")
                .containsEntry("repository", "/e  (UDOCKER_DIR)")
                .containsEntry("registry", "c.org  (the command line)")
                .containsEntry("insecure", "no  (default)");
    }

    @Test
    void the_names_of_udocker_are_honoured_and_ours_win() {
        assertThat(SettingsReader.read(List.of(), Map.of("UDOCKER_DIR", "/theirs"), Map.of())
                        .repository()
                        .root())
                .isEqualTo(Path.of("/theirs"));
        assertThat(SettingsReader.read(List.of(), Map.of("UDOCKER_DIR", "/theirs", "BERTH_DIR", "/ours"), Map.of())
                        .repository()
                        .root())
                .isEqualTo(Path.of("/ours"));
        assertThat(SettingsReader.read(List.of(), Map.of("UDOCKER_USE_PROOT_EXECUTABLE", "UDOCKER"), Map.of())
                        .proot())
                .isEmpty();
        assertThat(SettingsReader.read(List.of(), Map.of("UDOCKER_USE_PROOT_EXECUTABLE", "/p"), Map.of())
                        .proot())
                .contains(Path.of("/p"));
    }

    @Test
    void every_problem_is_told_at_once() throws IOException {
        Path file = file("berth.conf", """
                repositry = /x
                no equals
                node_dir = tmp
                patience_seconds = soon
                insecure = perhaps
                registry = ftp://x.org
                proot = bin/proot
                registry_mirrors = docker.io, =https://x, a=b:\\c, docker.io=nonsense, b.org=https://u@h
                dockerio_index_url = ftp://i.org
                http_proxy = ftp://me:secret@p.org
                ca_file = /nonexistent
                """);

        assertThat(Faults.expect(Fault.BAD_INPUT, () -> SettingsReader.read(List.of(file), HOME, Map.of())))
                .hasMessageContainingAll(
                        file + ":1: there is no key 'repositry'",
                        "known: repository,",
                        file + ":2: 'no equals' is not 'key = value'",
                        "node_dir = tmp  (" + file + ":3)",
                        "patience_seconds = soon",
                        "insecure = perhaps",
                        "ftp://x.org",
                        "proot = bin/proot",
                        "'docker.io' is not HOST=URL",
                        "'=https://x' is not HOST=URL",
                        "'a=b:\\c' is not HOST=URL",
                        "'docker.io=nonsense' is not HOST=URL",
                        "reading registry URL 'https://***@h'",
                        "ftp://i.org",
                        "reading proxy 'ftp://***@p.org'",
                        "ca_file: /nonexistent");
    }

    @Test
    void how_registries_are_reached_is_read_from_the_usual_variables_too() throws IOException {
        Path bundle = file("bundle.pem", "-----BEGIN CERTIFICATE-----");

        Settings settings = SettingsReader.read(
                List.of(),
                Map.of(
                        "HOME", "/home/u",
                        "https_proxy", "http://p.org:3128",
                        "SSL_CERT_FILE", bundle.toString(),
                        "CURL_CA_BUNDLE", "/nonexistent",
                        "UDOCKER_INDEX", "https://i.org",
                        "UDOCKER_KEYSTORE", "keys"),
                Map.of("http_proxy", "socks5://me:secret@s.org"));

        assertThat(settings.registry().proxies().https().orElseThrow().host()).isEqualTo("p.org");
        assertThat(settings.registry().proxies().chosen().orElseThrow().host()).isEqualTo("s.org");
        assertThat(settings.sources().get("http_proxy")).isEqualTo("socks5://***@s.org  (the command line)");
        assertThat(settings.registry().authorities()).containsExactly(bundle);
        assertThat(settings.registry().index()).isEqualTo("https://i.org");
        assertThat(settings.keystore()).isEqualTo(Path.of("/home/u/.udocker/keys"));
    }

    @Test
    void mirrors_are_kept_in_their_order_for_each_host() {
        Settings settings = SettingsReader.read(
                List.of(),
                Map.of(
                        "BERTH_REGISTRY_MIRRORS",
                        "docker.io=https://m1.org/hub quay.io=http://q.org,docker.io=https://m2.org",
                        "BERTH_PLAIN_HTTP",
                        "node1:5000, node2:5000"),
                Map.of());

        assertThat(settings.registry().mirrors().sequencedKeySet()).containsExactly("docker.io", "quay.io");
        assertThat(settings.registry().mirrors().get("docker.io"))
                .containsExactly(URI.create("https://m1.org/hub"), URI.create("https://m2.org"));
        assertThat(settings.registry().plainHttpHosts()).containsExactly("node1:5000", "node2:5000");
    }

    @Test
    void a_repository_named_relatively_is_below_the_working_directory() {
        assertThat(SettingsReader.read(List.of(), HOME, Map.of("repository", "a/../repo"))
                        .repository()
                        .root())
                .isEqualTo(Path.of("").toAbsolutePath().resolve("repo"));
    }

    @Test
    void a_file_that_is_not_text_is_told_by_its_name() throws IOException {
        Path file = Files.write(folder.resolve("f"), new byte[] {(byte) 0xff, (byte) 0xfe, 'x'});

        assertThat(Faults.expect(Fault.BAD_INPUT, () -> SettingsReader.read(List.of(file), HOME, Map.of())))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("UTF-8");
    }
}
