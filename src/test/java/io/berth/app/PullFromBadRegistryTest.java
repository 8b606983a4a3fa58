package io.berth.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fake.Schema1Fixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Credentials;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a pull makes of a registry that misbehaves: the image, or one message and a repository as if nothing had been.
@DisplayNameGeneration(ReplaceUnderscores.class)
class PullFromBadRegistryTest {
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("etc/motd", "hello\n".repeat(20_000)));
    private static final Descriptor LAYER = IMAGE.layersOldestFirst().getFirst();

    @TempDir
    Path folder;

    private final FakeRegistry registry = FakeRegistry.start().push("lab/solver", "1.0", IMAGE);
    private Repository repository;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private StoredImage pull(String image) {
        return new PullImage(FakeRegistry.client(2), repository, Progress.none())
                .pull(new PullImage.Request(
                        ImageReference.parse(registry.host() + "/" + image), Platform.parse("linux/amd64")));
    }

    private FaultException refused(Fault fault) throws IOException {
        FaultException told = Faults.expect(fault, () -> pull("lab/solver:1.0"));
        assertThat(told.hint()).isPresent();
        assertThat(repository.images().list()).isEmpty();
        assertThat(folder.resolve("repos")).isEmptyDirectory();
        try (Stream<Path> blobs = Files.list(folder.resolve("layers"))) {
            assertThat(blobs.filter(blob -> !blob.toString().endsWith(".part")))
                    .as("what has its name is whole")
                    .allSatisfy(blob -> assertThat(String.valueOf(blob.getFileName()))
                            .isEqualTo(Digest.sha256Of(Files.readAllBytes(blob)).toString()));
        }
        return told;
    }

    private void isWhole(StoredImage image) throws IOException {
        for (StoredImage.Layer layer : image.layersOldestFirst()) {
            assertThat(Digest.sha256Of(Files.readAllBytes(layer.file())))
                    .isEqualTo(layer.descriptor().digest());
        }
    }

    private String layer() {
        return "fetching sha256:" + LAYER.digest().shortened() + " of " + registry.host() + "/lab/solver:1.0";
    }

    @Test
    void a_layer_with_other_bytes_is_refused() throws IOException {
        registry.troubleAlways(LAYER.digest().toString(), FakeRegistryTrouble.wrongBytes());
        assertThat(refused(Fault.CORRUPT)).hasMessageContaining(LAYER.digest().toString());
        assertThat(folder.resolve("layers/." + LAYER.digest() + ".part")).doesNotExist();
    }

    @Test
    void a_layer_that_breaks_off_once_is_gone_on_with() throws IOException {
        registry.troubleNext(1, LAYER.digest().toString(), FakeRegistryTrouble.truncateAfter(50));
        isWhole(pull("lab/solver:1.0"));
        assertThat(registry.requests(LAYER.digest().toString()).getLast().header("Range"))
                .contains("bytes=50-");
    }

    @Test
    void a_layer_that_always_breaks_off_is_told_and_gone_on_with_by_the_next_pull() throws IOException {
        registry.troubleNext(2, LAYER.digest().toString(), FakeRegistryTrouble.truncateAfter(50));
        assertThat(refused(Fault.UNREACHABLE)).hasMessage(layer() + " from " + registry.host() + ": connection lost");
        isWhole(pull("lab/solver:1.0"));
        assertThat(registry.requests(LAYER.digest().toString())
                        .getLast()
                        .header("Range")
                        .orElse(""))
                .startsWith("bytes=");
    }

    @Test
    void a_layer_without_end_is_cut_off() throws IOException {
        registry.troubleAlways(LAYER.digest().toString(), FakeRegistryTrouble.append(1 << 20));
        assertThat(refused(Fault.CORRUPT)).hasMessageContaining("got more than " + LAYER.sizeBytes() + " bytes");
    }

    @Test
    void a_layer_of_nothing_without_end_is_cut_off() throws IOException {
        registry.troubleAlways(LAYER.digest().toString(), FakeRegistryTrouble.endless());
        assertThat(refused(Fault.CORRUPT)).hasMessageContaining("got more than " + LAYER.sizeBytes() + " bytes");
    }

    @Test
    void a_silent_registry_is_given_up() throws IOException {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.slow(Duration.ofSeconds(3)));
        assertThat(refused(Fault.UNREACHABLE))
                .hasMessageEndingWith("from " + registry.host() + ": silent for too long");
    }

    @Test
    void a_registry_that_is_slow_once_is_waited_for() throws IOException {
        registry.troubleNext(1, "/blobs/", FakeRegistryTrouble.slow(Duration.ofMillis(800)));
        isWhole(pull("lab/solver:1.0"));
    }

    @Test
    void a_registry_that_fails_is_given_up() throws IOException {
        registry.troubleAlways("/blobs/", FakeRegistryTrouble.status(500));
        assertThat(refused(Fault.UNREACHABLE))
                .hasMessageEndingWith("from " + registry.host() + ": the server failed (500)");
    }

    @Test
    void a_registry_that_wants_to_be_left_alone_is_asked_again_later() throws IOException {
        registry.troubleNext(1, "/manifests/", FakeRegistryTrouble.tooManyRequests("1"));
        long began = System.nanoTime();
        isWhole(pull("lab/solver:1.0"));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(1));
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.tooManyRequests("1"));
        assertThat(Faults.expect(Fault.UNREACHABLE, () -> pull("lab/solver:1.0")))
                .hasMessageEndingWith("too many requests (429)");
        assertThat(repository.images().list()).hasSize(1);
    }

    @Test
    void a_registry_that_hangs_up_is_given_up() throws IOException {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.drop());
        assertThat(refused(Fault.UNREACHABLE)).hasMessageEndingWith(": connection lost");
    }

    @Test
    void a_registry_that_refuses_its_own_tokens_is_given_up() throws IOException {
        registry.troubleAlways("/v2/", (exchange, good) -> {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer realm=\"" + registry.url() + "/token\"");
            FakeRegistryTrouble.status(401).strike(exchange, good);
        });
        assertThat(refused(Fault.NOT_ALLOWED)).hasMessageEndingWith("access denied (401)");
        assertThat(registry.tokensIssued()).isEqualTo(2);
    }

    @Test
    void a_token_service_that_never_stops_is_cut_off() throws IOException {
        registry.requireBearer();
        registry.troubleAlways("/token", FakeRegistryTrouble.endless());
        assertThat(refused(Fault.CORRUPT)).hasMessageContaining("the answer is longer than 1048576 bytes");
    }

    @Test
    void headers_that_never_stop_are_cut_off() throws IOException {
        registry.troubleAlways("/manifests/", (exchange, good) -> {
            for (int i = 0; i < 3000; i++) {
                exchange.getResponseHeaders().add("X-" + i, "x".repeat(100));
            }
            FakeRegistryTrouble.status(200).strike(exchange, good);
        });
        assertThat(refused(Fault.UNREACHABLE)).hasMessageEndingWith("the answer is not HTTP");
    }

    @Test
    void a_manifest_of_another_digest_is_refused() throws IOException {
        registry.troubleAlways("/manifests/", FakeRegistryTrouble.wrongBytes());
        Faults.expect(Fault.CORRUPT, () -> pull("lab/solver@" + IMAGE.manifest().digest()));
        assertThat(folder.resolve("repos")).isEmptyDirectory();
    }

    private static byte[] bytes(Descriptor blob) {
        return requireNonNull(IMAGE.blobs().get(blob.digest()), "it is of the image");
    }

    // --- mirrors

    private StoredImage pullThrough(FakeRegistry mirror) {
        LinkedHashMap<String, List<URI>> mirrors = new LinkedHashMap<>();
        mirrors.put(registry.host(), List.of(mirror.url()));
        RegistryOptions options = new RegistryOptions(
                "https://unused",
                mirrors,
                new LinkedHashSet<>(),
                false,
                Duration.ofSeconds(5),
                Duration.ofMillis(400),
                2);
        return new PullImage(new RegistryClient(options, Credentials.none()), repository, Progress.none())
                .pull(new PullImage.Request(
                        ImageReference.parse(registry.host() + "/lab/solver:1.0"), Platform.parse("linux/amd64")));
    }

    @Test
    void what_a_mirror_has_wrong_or_not_whole_comes_from_the_registry() throws IOException {
        for (FakeRegistryTrouble trouble : List.of(
                FakeRegistryTrouble.wrongBytes(),
                FakeRegistryTrouble.truncateAfter(50),
                FakeRegistryTrouble.status(404),
                FakeRegistryTrouble.status(500))) {
            Files.deleteIfExists(folder.resolve("layers").resolve(LAYER.digest().toString()));
            registry.forgetRequests();
            try (FakeRegistry mirror = FakeRegistry.start().push("lab/solver", "1.0", IMAGE)) {
                mirror.troubleAlways(LAYER.digest().toString(), trouble);
                isWhole(pullThrough(mirror));
                assertThat(mirror.requests("/manifests/")).isNotEmpty();
                assertThat(registry.requests(LAYER.digest().toString())).hasSize(1);
                assertThat(registry.requests("/manifests/")).isEmpty();
            }
        }
    }

    @Test
    void what_both_have_wrong_is_told_of_the_registry() throws IOException {
        registry.troubleAlways(LAYER.digest().toString(), FakeRegistryTrouble.wrongBytes());
        try (FakeRegistry mirror = FakeRegistry.start().push("lab/solver", "1.0", IMAGE)) {
            mirror.troubleAlways(LAYER.digest().toString(), FakeRegistryTrouble.wrongBytes());
            Faults.expect(Fault.CORRUPT, () -> pullThrough(mirror));
            assertThat(folder.resolve("repos")).isEmptyDirectory();
        }
    }

    // --- what a registry need not have

    @Test
    void a_foreign_layer_is_fetched_where_its_maker_has_it_and_without_our_password() throws IOException {
        try (FakeRegistry maker = FakeRegistry.start().push("made", "1", IMAGE)) {
            maker.requireBasic("me", "pw");
            String good = maker.url() + "/open/layer";
            maker.troubleAlways("/open/layer", FakeRegistryTrouble.wholeBody(bytes(LAYER)));
            foreign("[\"ftp://x/y\", \"" + maker.url() + "/closed/layer\", \"" + good + "\"]");
            isWhole(pull("lab/foreign:1.0"));
            assertThat(maker.requests())
                    .allMatch(request -> request.header("Authorization").isEmpty());
        }
    }

    @Test
    void a_foreign_layer_that_nobody_has_is_told() {
        foreign("[\"http://127.0.0.1:1/layer\"]");
        assertThat(Faults.expect(Fault.UNREACHABLE, () -> pull("lab/foreign:1.0")))
                .hasMessageContaining("from 127.0.0.1:1: connection refused");
        assertThat(folder.resolve("repos")).isEmptyDirectory();
    }

    private void foreign(String urls) {
        registry.pushBlob("lab/foreign", bytes(IMAGE.config()));
        String json = IMAGE.manifestJson()
                .replace(
                        "\"digest\":\"" + LAYER.digest() + "\"",
                        "\"urls\":" + urls + ",\"digest\":\"" + LAYER.digest() + "\"");
        assertThat(json).contains("urls");
        registry.pushManifest("lab/foreign", "1.0", MediaTypes.OCI_MANIFEST, json.getBytes(UTF_8));
    }

    @Test
    void a_manifest_of_schema_1_gives_its_image_and_is_pinned_by_what_was_signed() throws IOException {
        ImageFixture two = ImageFixture.builder()
                .layer(layer -> layer.file("a", "1"))
                .layer(layer -> layer.file("b", "2"))
                .build();
        registry.push("lab/old", "unused", two);
        Schema1Fixture old = Schema1Fixture.of(
                two, "{\"id\":\"y\",\"os\":\"linux\",\"config\":{\"Cmd\":[\"/b\"],\"Env\":[\"A=\\\"q\\\"\"]}}");
        byte[] signed = old.signed().getBytes(UTF_8);
        Digest pinned = Digest.sha256Of(old.payload().getBytes(UTF_8));
        registry.pushManifest("lab/old", "1.0", MediaTypes.DOCKER_SIGNED, signed);
        registry.pushManifest("lab/old", pinned.toString(), MediaTypes.DOCKER_SIGNED, signed);

        for (String name : List.of("lab/old:1.0", "lab/old@" + pinned)) {
            StoredImage image = pull(name);
            isWhole(image);
            assertThat(image.layersOldestFirst())
                    .extracting(layer -> layer.descriptor().digest())
                    .containsExactlyElementsOf(two.layersOldestFirst().stream()
                            .map(Descriptor::digest)
                            .toList());
            assertThat(image.config().command()).containsExactly("/b");
            assertThat(image.config().env()).containsExactly("A=\"q\"");
            assertThat(image.config().platform()).isEqualTo(Platform.parse("linux/amd64"));
        }
        registry.pushManifest("lab/old", "sha256:" + "0".repeat(64), MediaTypes.DOCKER_SIGNED, signed);
        Faults.expect(Fault.CORRUPT, () -> pull("lab/old@sha256:" + "0".repeat(64)));
    }

    @Test
    void an_image_of_schema_1_that_udocker_stored_is_read() throws IOException {
        ImageReference name = ImageReference.parse(registry.host() + "/lab/solver:1.0");
        pull("lab/solver:1.0");
        Path stored = folder.resolve("repos").resolve(name.name()).resolve("1.0");
        Files.delete(stored.resolve(IMAGE.config().digest().toString()));
        Files.delete(folder.resolve("layers").resolve(IMAGE.config().digest().toString()));
        Files.writeString(
                stored.resolve("manifest"),
                Schema1Fixture.of(IMAGE, "{\"config\":{\"Cmd\":[\"/x\"]}}").signed());

        StoredImage image = repository.images().find(name).orElseThrow();
        isWhole(image);
        assertThat(image.layersOldestFirst().getFirst().descriptor().sizeBytes())
                .isEqualTo(LAYER.sizeBytes());
        assertThat(image.config().command()).containsExactly("/x");
    }
}
