package io.berth.dist;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.dist.TestRegistry.Blob;
import io.berth.dist.TestRegistry.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `berth pull` as shipped, from a real registry over a real network, good and bad.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class PullIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LARGE_BYTES = 12 << 20;

    private static Lab lab;
    private static TestRegistry registry;
    private static Blob large;

    private Berth berth;

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        registry = given.registry();
        byte[] noise = new byte[LARGE_BYTES];
        new Random(4).nextBytes(noise);
        large = TestRegistry.layer(tar -> TestRegistry.file(tar, "noise", noise));
        registry.push("berth/large", "\"Cmd\":[\"sh\"]", TestRegistry.busyboxLayer(), large);
    }

    @BeforeEach
    void begin() {
        berth = lab.user();
        registry.clearLog();
    }

    private static String image(String name) {
        return registry.address() + "/berth/" + name;
    }

    private Path folder(String name, String tag) {
        return berth.repository().resolve("repos").resolve(name).resolve(tag);
    }

    private JsonNode manifest(String name, String tag) throws IOException {
        return JSON.readTree(Host.read(folder(name, tag).resolve("manifest")));
    }

    private static List<String> blobs(JsonNode manifest) {
        List<String> digests = new ArrayList<>();
        manifest.path("layers")
                .forEach(layer -> digests.add(layer.path("digest").asText()));
        digests.add(manifest.path("config").path("digest").asText());
        return digests;
    }

    private static List<Request> blobsSent() {
        return registry.requests().stream().filter(Request::isBlob).toList();
    }

    /// What udocker looks for. Source: udocker 1.3, "Images".
    private void isUdockersFormat(String name, String tag) throws IOException {
        Path folder = folder(name, tag);
        assertThat(folder.resolve("TAG"))
                .content()
                .isEqualTo(berth.repository().resolve("repos").resolve(name) + ":" + tag);
        assertThat(folder.resolve("v2")).isEmptyFile();
        for (String digest : blobs(manifest(name, tag))) {
            Path link = folder.resolve(digest);
            assertThat(link).isSymbolicLink();
            assertThat(Files.readSymbolicLink(link).isAbsolute()).isFalse();
            assertThat(link.toRealPath())
                    .isEqualTo(
                            berth.repository().resolve("layers").resolve(digest).toRealPath());
            assertThat(TestRegistry.digest(Files.readAllBytes(link))).isEqualTo(digest);
        }
        assertThat(Host.names(folder)).hasSize(3 + blobs(manifest(name, tag)).size());
        assertThat(Host.names(berth.repository())).contains("bin", "containers", "doc", "layers", "lib", "repos");
    }

    private void nothingHalfMade() {
        assertThat(Host.names(berth.repository().resolve("layers")).stream()
                        .filter(name -> !name.endsWith(".part"))
                        .toList())
                .as("blobs under their final names are whole")
                .allSatisfy(name -> assertThat(TestRegistry.digest(Files.readAllBytes(
                                berth.repository().resolve("layers").resolve(name))))
                        .isEqualTo(name));
    }

    private void hasNoImage() {
        assertThat(berth.succeed("images").out().lines()).as("images").hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "busybox, latest, application/vnd.docker.distribution.manifest.v2+json",
        "busybox, oci, application/vnd.oci.image.manifest.v1+json",
        "zstd, latest, application/vnd.oci.image.manifest.v1+json",
        "multi, latest, application/vnd.docker.distribution.manifest.v2+json",
        "multi, oci, application/vnd.oci.image.manifest.v1+json",
    })
    void each_kind_of_manifest_is_stored_as_udocker_does_and_runs(String name, String tag, String type)
            throws IOException {
        String image = image(name) + ":" + tag;
        Result result = berth.succeed("pull", image);
        assertThat(result.out()).isEmpty();
        assertThat(manifest(image(name), tag).path("mediaType").asText(type)).isEqualTo(type);
        isUdockersFormat(image(name), tag);
        assertThat(berth.succeed("images").out()).contains(image);
        assertThat(berth.succeed("run", "--rm", image, "/bin/cat", "/etc/os-release")
                        .out())
                .contains("berth test busybox");
    }

    @Test
    void the_platform_is_this_machines_unless_another_is_asked_for() {
        berth.succeed("pull", image("multi"));
        assertThat(berth.succeed("run", "--rm", image("multi"), "/bin/cat", "/etc/platform")
                        .out())
                .isEqualTo("linux/amd64\n");
        berth.succeed("pull", "--platform=linux/arm64", image("multi"));
        assertThat(berth.succeed("run", "--rm", image("multi"), "/bin/cat", "/etc/platform")
                        .out())
                .isEqualTo("linux/arm64\n");
        berth.run("pull", "--platform=linux/riscv64", image("multi"))
                .failedWith(1, "linux/riscv64", "linux/amd64", "linux/arm64");
    }

    @Test
    void an_image_can_be_named_by_its_digest() throws IOException {
        berth.succeed("pull", image("busybox"));
        String digest = TestRegistry.digest(
                Files.readAllBytes(folder(image("busybox"), "latest").resolve("manifest")));
        String pinned = image("busybox") + "@" + digest;
        berth.succeed("pull", pinned);
        isUdockersFormat(image("busybox"), digest);
        registry.clearLog();
        berth.succeed("pull", pinned);
        assertThat(registry.requests())
                .as("what is pinned and here needs no network")
                .isEmpty();
        berth.run("pull", image("busybox") + "@sha256:" + "0".repeat(64)).failedWith(1, "not found");
    }

    @Test
    void a_second_pull_fetches_no_blob() {
        berth.succeed("pull", image("busybox"));
        assertThat(blobsSent()).hasSize(2);
        registry.clearLog();
        berth.succeed("pull", image("busybox"));
        assertThat(registry.requests()).isNotEmpty();
        assertThat(blobsSent()).isEmpty();
    }

    @Test
    void quiet_says_nothing_and_no_terminal_means_no_progress() {
        berth.succeed("--quiet", "pull", image("busybox")).isSilent();
        assertThat(berth.succeed("pull", image("zstd")).err())
                .doesNotContain("\r", "MB/s")
                .hasLineCount(1);
    }

    @Test
    void progress_is_shown_on_a_terminal() {
        try (SlowRoad road = new SlowRoad(registry.address())) {
            road.limit(8 << 20);
            Result result = berth.after("exec script -qec \"$1 pull " + road.address() + "/berth/large\" /dev/null")
                    .succeed();
            assertThat(result.out()).contains("\r", "MB/s", "%").contains("is here");
        }
    }

    @Test
    void a_slow_pull_without_a_terminal_says_how_far_it_is_every_few_seconds() {
        try (SlowRoad road = new SlowRoad(registry.address())) {
            road.limit(1 << 20);
            assertThat(berth.succeed("pull", road.address() + "/berth/large").err())
                    .containsPattern("berth: \\d+ % of \\d+\\.\\d MB, \\d+\\.\\d MB/s, 0:\\d\\d left\n")
                    .doesNotContain("\r");
        }
    }

    @Test
    void eight_pulls_at_once_send_each_blob_once() throws IOException {
        List<Running> pulls = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            pulls.add(berth.start("pull", image("large")));
        }
        pulls.forEach(pull -> pull.await().hasStatus(0));
        Map<String, Long> times = blobsSent().stream().collect(groupingBy(Request::name, counting()));
        assertThat(times).hasSize(3).allSatisfy((_, count) -> assertThat(count).isEqualTo(1L));
        isUdockersFormat(image("large"), "latest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM to berth", "INT to berth", "KILL to berth", "KILL to its Java"})
    void an_interrupted_pull_is_gone_on_with(String how) throws IOException {
        try (SlowRoad road = new SlowRoad(registry.address())) {
            road.limit(1 << 20);
            String image = road.address() + "/berth/large";
            Running pull = berth.start("pull", image);
            Path part = berth.repository().resolve("layers/." + large.digest() + ".part");
            Host.waitUntil("some of the layer", () -> part.toFile().length() > 1 << 20);
            ProcessHandle java = pull.java();
            if (how.startsWith("KILL to its")) {
                Host.run("kill", "-KILL", String.valueOf(java.pid()));
                pull.await().hasStatus(137);
            } else {
                pull.signal(how.substring(0, how.indexOf(' ')));
                switch (how.substring(0, how.indexOf(' '))) {
                    case "TERM" -> pull.await().failedWith(143, "interrupted");
                    case "INT" -> pull.await().failedWith(130, "interrupted");
                    default -> pull.await().hasStatus(137);
                }
            }
            Host.waitUntil("the end of Java", () -> !java.isAlive());
            hasNoImage();
            nothingHalfMade();
            long kept = part.toFile().length();
            assertThat(kept).isGreaterThan(0);

            road.limit(Long.MAX_VALUE);
            registry.clearLog();
            berth.succeed("pull", image);
            isUdockersFormat(image, "latest");
            assertThat(part).doesNotExist();
            assertThat(blobsSent().stream().filter(request -> request.name().equals(large.digest())))
                    .singleElement()
                    .satisfies(request -> {
                        assertThat(request.status()).isEqualTo(206);
                        assertThat(request.bytes()).isEqualTo(large.bytes().length - kept);
                    });
        }
    }

    @Test
    void a_part_that_is_damaged_is_noticed_and_fetched_anew() throws IOException {
        Path layers = berth.repository().resolve("layers");
        Files.createDirectories(layers);
        Host.run(
                "bash",
                "-c",
                "head -c 100000 /dev/zero > '" + layers + "/." + large.digest() + ".part'"
                        + " && chown -R 20011:20011 '" + berth.repository() + "'");
        berth.succeed("pull", image("large"));
        assertThat(layers.resolve("." + large.digest() + ".part")).doesNotExist();
        isUdockersFormat(image("large"), "latest");
    }

    @Test
    void a_corrupted_blob_is_never_kept() throws IOException {
        Blob layer = TestRegistry.layer(tar -> TestRegistry.file(tar, "f", new byte[50_000]));
        registry.push("berth/corrupt", "\"Cmd\":[\"sh\"]", layer);
        Path file = registry.fileOf(layer.digest());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        berth.run("pull", image("corrupt")).failedWith(1, layer.digest());
        hasNoImage();
        assertThat(Host.names(berth.repository().resolve("layers"))).noneMatch(name -> name.contains(layer.digest()));
        berth.run("run", image("corrupt"), "true").failedWith(125, layer.digest());
    }

    @Test
    void a_blob_that_is_gone_or_short_is_one_message() throws IOException {
        Blob gone = TestRegistry.layer(tar -> TestRegistry.file(tar, "gone", new byte[50_000]));
        registry.push("berth/gone", "\"Cmd\":[\"sh\"]", gone);
        Files.delete(registry.fileOf(gone.digest()));
        berth.run("pull", image("gone")).failedWith(1, "not found");
        Blob cut = TestRegistry.layer(tar -> TestRegistry.file(tar, "cut", new byte[60_000]));
        registry.push("berth/cut", "\"Cmd\":[\"sh\"]", cut);
        Files.write(registry.fileOf(cut.digest()), new byte[3]);
        berth.run("pull", image("cut")).failedWith(1);
        hasNoImage();
        nothingHalfMade();
    }

    @Test
    void an_unknown_name_an_unknown_tag_and_a_dead_registry_are_one_message_each() {
        berth.run("pull", image("nothing")).failedWith(1, image("nothing"), "not found");
        berth.run("pull", image("busybox") + ":nothing").failedWith(1, image("busybox") + ":nothing", "not found");
        berth.run("pull", "127.0.0.1:1/berth/busybox").failedWith(1, "127.0.0.1:1", "refused");
        berth.run("pull", "no-such-host.invalid/berth/busybox").failedWith(1, "no-such-host.invalid");
        berth.run("run", image("nothing"), "true").failedWith(125, "not found");
        hasNoImage();
        assertThat(Host.names(berth.repository().resolve("repos"))).isEmpty();
    }

    @Test
    void a_full_disk_is_one_message_and_holds_nothing_half_made() {
        String repository = berth.home() + "/small";
        Result result = berth.with("BERTH_DIR", repository)
                .afterRoot("mkdir '" + repository + "'; mount -t tmpfs -o size=6m,mode=777 none '" + repository + "'")
                .after("status=0; \"$@\" || status=$?; cd '" + repository + "'; find layers repos -type f -o -type l;"
                        + " find layers -name '*.part'; exit $status")
                .run("pull", image("large"));
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.err().lines().toList()).as(result.toString()).hasSizeBetween(1, 2);
        assertThat(result.err()).startsWith("berth: ").containsIgnoringCase("no space left");
        assertThat(result.out()).doesNotContain("TAG", large.digest());
    }

    @Test
    void a_token_is_fetched_for_anybody_and_used_for_all_requests() throws IOException {
        try (TokenGate gate = new TokenGate(registry.base())) {
            String image = gate.address() + "/berth/busybox";
            assertThat(berth.succeed("pull", image).err())
                    .as("Quarkus says nothing")
                    .hasLineCount(1);
            isUdockersFormat(image, "latest");
            assertThat(gate.asked())
                    .singleElement()
                    .asString()
                    .contains("service=gate", "scope=repository:berth/busybox:pull");
        }
    }

    @ParameterizedTest
    @CsvSource({"LYING, access denied", "REFUSING, refused", "BABBLING, token"})
    void a_token_service_that_does_not_help_is_one_message(TokenGate.Habit habit, String words) {
        try (TokenGate gate = new TokenGate(registry.base())) {
            gate.is(habit);
            berth.run("pull", gate.address() + "/berth/busybox").failedWith(1, words);
            hasNoImage();
        }
    }

    @Test
    void a_mirror_is_asked_instead_of_docker_hub() throws IOException {
        registry.push("library/busybox", "\"Cmd\":[\"sh\"]", TestRegistry.busyboxLayer());
        Berth mirrored = berth.with("BERTH_REGISTRY_MIRRORS", "docker.io=http://" + registry.address());
        mirrored.succeed("pull", "busybox");
        isUdockersFormat("busybox", "latest");
        mirrored.succeed("pull", "docker.io/berth/busybox");
        isUdockersFormat("docker.io/berth/busybox", "latest");
    }

    @Test
    void the_registry_for_names_without_one_can_be_set() throws IOException {
        berth.succeed("--registry=http://" + registry.address(), "pull", "berth/busybox");
        isUdockersFormat("berth/busybox", "latest");
        Berth other = lab.user().with("UDOCKER_REGISTRY", "http://" + registry.address());
        other.succeed("pull", "berth/busybox:oci");
    }

    @Test
    void a_tag_that_moved_is_followed() throws IOException {
        Blob one = TestRegistry.layer(tar -> TestRegistry.file(tar, "one", new byte[1]));
        Blob two = TestRegistry.layer(tar -> TestRegistry.file(tar, "two", new byte[2]));
        registry.push("berth/moving", "\"Cmd\":[\"sh\"]", TestRegistry.busyboxLayer(), one);
        berth.succeed("pull", image("moving"));
        registry.push("berth/moving", "\"Cmd\":[\"sh\"]", TestRegistry.busyboxLayer(), two);
        berth.succeed("pull", image("moving"));
        isUdockersFormat(image("moving"), "latest");
        assertThat(berth.succeed("run", "--rm", image("moving"), "/bin/ls", "/").out())
                .contains("two\n")
                .doesNotContain("one\n");
    }
}
