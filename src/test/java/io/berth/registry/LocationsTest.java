package io.berth.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.fault.FaultException;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LocationsTest {
    private static final String HUB = "https://registry-1.docker.io";

    @Test
    void names_on_docker_hub_get_library_in_front_when_they_have_one_component() {
        assertThat(urls(HUB, "debian:12")).containsExactly(HUB + "/v2/library/debian/x");
        assertThat(urls(HUB, "lab/solver")).containsExactly(HUB + "/v2/lab/solver/x");
        assertThat(urls("docker.io", "debian")).containsExactly("https://docker.io/v2/library/debian/x");
    }

    @Test
    void docker_io_is_docker_hub_whatever_the_default() {
        assertThat(urls("http://127.0.0.1:5000", "docker.io/debian")).containsExactly(HUB + "/v2/library/debian/x");
        assertThat(urls(HUB, "index.docker.io/lab/solver")).containsExactly(HUB + "/v2/lab/solver/x");
    }

    @Test
    void another_default_is_asked_for_the_name_as_it_is_and_then_with_library() {
        assertThat(urls("http://127.0.0.1:5000/", "busybox"))
                .containsExactly("http://127.0.0.1:5000/v2/busybox/x", "http://127.0.0.1:5000/v2/library/busybox/x");
        assertThat(urls("http://127.0.0.1:5000", "lab/busybox"))
                .containsExactly("http://127.0.0.1:5000/v2/lab/busybox/x");
    }

    @Test
    void a_named_registry_is_asked_by_https_and_never_for_library() {
        assertThat(urls(HUB, "quay.io/solver")).containsExactly("https://quay.io/v2/solver/x");
        assertThat(urls(HUB, "registry.lab:5000/a/b/c")).containsExactly("https://registry.lab:5000/v2/a/b/c/x");
    }

    @Test
    void loopback_and_listed_hosts_are_asked_by_http() {
        assertThat(urls(HUB, "localhost:5000/a")).containsExactly("http://localhost:5000/v2/a/x");
        assertThat(urls(HUB, "127.0.1.9/a")).containsExactly("http://127.0.1.9/v2/a/x");
        assertThat(urls(HUB, "[::1]:5000/a")).containsExactly("http://[::1]:5000/v2/a/x");
        assertThat(urls(HUB, "plain.lab:5000/a")).containsExactly("http://plain.lab:5000/v2/a/x");
        assertThat(urls(HUB, "plain.lab/a")).containsExactly("https://plain.lab/v2/a/x");
        assertThat(urls(HUB, "127.0.0.1.example.org/a")).containsExactly("https://127.0.0.1.example.org/v2/a/x");
    }

    @Test
    void mirrors_come_first_and_keep_their_prefix() {
        assertThat(urls(HUB, "mirrored.lab/a"))
                .containsExactly(
                        "https://one.lab/v2/a/x", "http://two.lab:5000/v2/proxy/a/x", "https://mirrored.lab/v2/a/x");
        assertThat(urls(HUB, "debian")).hasSize(1);
    }

    @Test
    void a_mirror_of_docker_io_serves_the_default_and_all_its_names() {
        RegistryOptions options =
                ClientFixture.withMirror(ClientFixture.options(HUB), "docker.io", URI.create("https://m"));
        for (String name : List.of("debian", "docker.io/debian", "registry-1.docker.io/library/debian")) {
            assertThat(new Locations(options).of(ClientFixture.reference(name)))
                    .extracting(place -> place.resource("x").toString())
                    .containsExactly("https://m/v2/library/debian/x", HUB + "/v2/library/debian/x");
        }
    }

    @Test
    void a_default_that_is_no_url_is_refused_without_showing_its_password() {
        assertThatThrownBy(() -> ClientFixture.options("ftp://a")).isInstanceOf(FaultException.class);
        assertThatThrownBy(() -> ClientFixture.options("https://me:secret@a"))
                .isInstanceOf(FaultException.class)
                .hasMessageNotContaining("secret");
    }

    private static List<String> urls(String defaultRegistry, String name) {
        LinkedHashMap<String, List<URI>> mirrors = new LinkedHashMap<>();
        mirrors.put("mirrored.lab", List.of(URI.create("https://one.lab"), URI.create("http://two.lab:5000/proxy/")));
        RegistryOptions options = new RegistryOptions(
                defaultRegistry,
                mirrors,
                new LinkedHashSet<>(List.of("plain.lab:5000")),
                false,
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                1);
        return new Locations(options)
                .of(ClientFixture.reference(name)).stream()
                        .map(place -> place.resource("x").toString())
                        .toList();
    }
}
