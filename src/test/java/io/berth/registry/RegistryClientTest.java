package io.berth.registry;

import static io.berth.registry.ClientFixture.AMD64;
import static io.berth.registry.ClientFixture.reference;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RegistryClientTest {
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("etc/motd", "hello"));
    private static final ImageFixture ARM_IMAGE = ImageFixture.builder()
            .platform("linux/arm64/v8")
            .docker()
            .layer(layer -> layer.file("a", "arm"))
            .build();

    private final FakeRegistry registry = FakeRegistry.start();
    private final ClientFixture fixture = ClientFixture.plain();
    private final RegistryClient client = fixture.client();

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void a_tag_is_resolved_to_the_manifest_as_it_came() {
        registry.push("lab/solver", "1.0", IMAGE);
        ResolvedImage resolved = client.resolve(name("lab/solver:1.0"), AMD64);
        assertThat(resolved.reference()).isEqualTo(name("lab/solver:1.0"));
        assertThat(resolved.digest()).isEqualTo(IMAGE.manifest().digest());
        assertThat(resolved.manifestJson()).isEqualTo(IMAGE.manifestJson());
        assertThat(resolved.manifest().config()).isEqualTo(IMAGE.config());
        assertThat(resolved.manifest().layersOldestFirst()).isEqualTo(IMAGE.layersOldestFirst());
        assertThat(registry.requests().getFirst().header("Accept"))
                .hasValueSatisfying(accept -> assertThat(accept).contains(MediaTypes.MANIFESTS));
    }

    @Test
    void an_index_gives_the_image_of_the_platform() {
        registry.pushIndex("lab/solver", "1.0", IMAGE, ARM_IMAGE);
        assertThat(client.resolve(name("lab/solver:1.0"), ARM64).digest())
                .isEqualTo(ARM_IMAGE.manifest().digest());
        assertThat(client.resolve(name("lab/solver:1.0"), AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
    }

    @Test
    void a_platform_that_is_missing_is_told_with_those_that_are_there() {
        registry.pushIndex("lab/solver", "1.0", IMAGE, ARM_IMAGE);
        assertThat(faultOf(name("lab/solver:1.0"), Platform.parse("linux/riscv64")))
                .hasMessageEndingWith("no image for linux/riscv64; there is linux/amd64, linux/arm64/v8")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.NOT_FOUND);
    }

    @Test
    void a_single_manifest_is_taken_whatever_its_platform() {
        registry.push("lab/solver", "1.0", ARM_IMAGE);
        assertThat(client.resolve(name("lab/solver:1.0"), AMD64).digest())
                .isEqualTo(ARM_IMAGE.manifest().digest());
    }

    @Test
    void an_index_inside_an_index_is_followed_once() {
        Digest inner = registry.pushIndex("lab/solver", "inner", IMAGE, ARM_IMAGE);
        byte[] outer = ImageFixture.indexOf(MediaTypes.OCI_INDEX, ImageFixture.index(IMAGE, ARM_IMAGE));
        registry.pushManifest("lab/solver", "outer", MediaTypes.OCI_INDEX, outer);
        assertThat(client.resolve(name("lab/solver:outer"), ARM64).digest())
                .isEqualTo(ARM_IMAGE.manifest().digest());
        assertThat(registry.requests(inner.toString())).hasSize(1);

        byte[] outermost = ImageFixture.indexOf(MediaTypes.OCI_INDEX, outer);
        registry.pushManifest("lab/solver", "outermost", MediaTypes.OCI_INDEX, outermost);
        assertThat(faultOf(name("lab/solver:outermost"), ARM64)).hasMessageContaining("nested too deeply");
    }

    @Test
    void a_pinned_digest_is_verified_for_manifest_and_index() {
        Digest index = registry.pushIndex("lab/solver", "1.0", IMAGE);
        assertThat(client.resolve(name("lab/solver@" + index), AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
        assertThat(client.resolve(name("lab/solver@" + IMAGE.manifest().digest()), AMD64)
                        .digest())
                .isEqualTo(IMAGE.manifest().digest());

        registry.troubleAlways("/manifests/", FakeRegistryTrouble.wrongBytes());
        assertThat(faultOf(name("lab/solver@" + index), AMD64))
                .hasMessageContaining("wanted " + index)
                .extracting(FaultException::fault)
                .isEqualTo(Fault.CORRUPT);
    }

    @Test
    void an_entry_of_an_index_is_verified() {
        registry.pushIndex("lab/solver", "1.0", IMAGE);
        registry.troubleAlways("/manifests/sha256", FakeRegistryTrouble.wrongBytes());
        assertThat(faultOf(name("lab/solver:1.0"), AMD64))
                .hasMessageContaining("wanted " + IMAGE.manifest().digest());
    }

    @Test
    void a_missing_name_is_told_with_the_registrys_own_words() {
        assertThat(faultOf(name("lab/solvr:1.0"), AMD64))
                .hasMessage("fetching manifest of " + registry.host() + "/lab/solvr:1.0 from " + registry.host()
                        + ": not found (404): MANIFEST_UNKNOWN: not here")
                .satisfies(fault -> {
                    assertThat(fault.fault()).isEqualTo(Fault.NOT_FOUND);
                    assertThat(fault.hint())
                            .hasValueSatisfying(hint -> assertThat(hint).contains("spelling"));
                });
    }

    @Test
    void the_registrys_words_are_shown_in_one_line_and_without_query_strings() {
        String said = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"no\\nway, see https://a/b?token=hidden now\"}]}";
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.status(403, said));
        assertThat(faultOf(name("lab/solver:1.0"), AMD64))
                .hasMessageEndingWith("access denied (403): DENIED: no way, see https://a/b now")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.NOT_ALLOWED);
    }

    @Test
    void an_answer_that_is_no_manifest_is_corrupt() {
        registry.pushManifest("lab/solver", "html", "text/html", "<html>log in here</html>".getBytes(UTF_8));
        registry.pushManifest("lab/solver", "latin", "text/plain", new byte[] {'{', (byte) 0xff, '}'});
        assertThat(faultOf(name("lab/solver:html"), AMD64).fault()).isEqualTo(Fault.CORRUPT);
        assertThat(faultOf(name("lab/solver:html"), AMD64)).hasMessageContaining(registry.host());
        assertThat(faultOf(name("lab/solver:latin"), AMD64)).hasMessageContaining("UTF-8");
    }

    @Test
    void an_endless_manifest_is_cut_off() {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.endless());
        assertThat(faultOf(name("lab/solver:1.0"), AMD64))
                .hasMessageContaining("longer than 4194304 bytes")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.CORRUPT);
    }

    @Test
    void a_default_registry_is_asked_for_the_plain_name_and_then_for_library_once() throws Exception {
        registry.push("library/busybox", "latest", IMAGE);
        RegistryClient local = ClientFixture.of(
                        ClientFixture.options(registry.url().toString()))
                .client();
        assertThat(local.resolve(reference("busybox"), AMD64).digest())
                .isEqualTo(IMAGE.manifest().digest());
        try (var blob = local.open(reference("busybox"), IMAGE.config(), 0)) {
            assertThat(blob.readAllBytes())
                    .isEqualTo(IMAGE.blobs().get(IMAGE.config().digest()));
        }
        assertThat(registry.requests())
                .extracting(request -> request.path().replaceFirst("sha256:.*", "DIGEST"))
                .containsExactly(
                        "/v2/busybox/manifests/latest",
                        "/v2/library/busybox/manifests/latest",
                        "/v2/library/busybox/blobs/DIGEST");
        assertThatThrownBy(() -> local.resolve(reference("nothing"), AMD64))
                .hasMessageContaining("fetching manifest of nothing:latest from " + registry.host());
    }

    @Test
    void a_mirror_is_tried_first_and_the_registry_when_it_fails() {
        try (FakeRegistry mirror = FakeRegistry.start()) {
            ImageFixture fresh = ImageFixture.of(Map.of("etc/motd", "fresh"));
            registry.push("lab/solver", "1.0", IMAGE).push("lab/solver", "2.0", fresh);
            mirror.push("lab/solver", "1.0", IMAGE);
            RegistryClient mirrored = ClientFixture.of(ClientFixture.withMirror(
                            ClientFixture.options("https://unused"),
                            registry.host(),
                            URI.create("http://127.0.0.1:1"),
                            mirror.url()))
                    .client();
            mirrored.resolve(name("lab/solver:1.0"), AMD64);
            assertThat(registry.requests()).isEmpty();
            assertThat(mirrored.resolve(name("lab/solver:2.0"), AMD64).digest())
                    .isEqualTo(fresh.manifest().digest());
            assertThat(mirror.requests()).hasSize(2);
        }
    }

    @Test
    void what_a_name_means_can_be_shown_as_it_came() {
        registry.pushIndex("lab/solver", "1.0", IMAGE, ARM_IMAGE);
        assertThat(client.manifestJson(name("lab/solver:1.0")).getBytes(UTF_8))
                .isEqualTo(ImageFixture.index(IMAGE, ARM_IMAGE));
    }

    @Test
    void refused_connections_are_tried_again_and_then_told() {
        registry.close();
        assertThat(faultOf(name("lab/solver:1.0"), AMD64))
                .hasMessageEndingWith("from " + registry.host() + ": connection refused")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.UNREACHABLE);
        assertThat(fixture.pauses()).hasSize(3);
    }

    @Test
    void a_host_that_does_not_exist_is_told_at_once() {
        assertThat(faultOf(reference("no-such-host.invalid/a"), AMD64).fault()).isEqualTo(Fault.UNREACHABLE);
        assertThat(List.of(0, 3)).contains(fixture.pauses().size());
    }

    private ImageReference name(String rest) {
        return reference(registry.host() + "/" + rest);
    }

    private FaultException faultOf(ImageReference reference, Platform platform) {
        return catchThrowableOfType(FaultException.class, () -> client.resolve(reference, platform));
    }
}
