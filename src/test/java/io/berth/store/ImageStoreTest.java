package io.berth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.files.Folders;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lies on disk is compared with udocker 1.3's format, file by file.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ImageStoreTest {
    @TempDir
    Path folder;

    private Repository repository;
    private ImageStore images;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(60));
        images = repository.images();
    }

    /// Every file below `start`: its text, or `-> target` for a link.
    private static Map<String, String> files(Path start) throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> walk = Files.walk(start)) {
            for (Path file : walk.toList()) {
                if (Files.isSymbolicLink(file)) {
                    files.put(start.relativize(file).toString(), "-> " + Files.readSymbolicLink(file));
                } else if (Files.isRegularFile(file)) {
                    files.put(start.relativize(file).toString(), Files.readString(file));
                }
            }
        }
        return files;
    }

    @Test
    void a_repository_has_the_folders_by_which_udocker_knows_it() {
        assertThat(List.of("repos", "layers", "containers", "bin", "lib", "doc"))
                .allSatisfy(name -> assertThat(folder.resolve(name)).isDirectory());
    }

    @Test
    void an_image_lies_as_udocker_lays_it() throws IOException {
        StoredImageFixture fixture =
                StoredImageFixture.of("lab/solver:2.1", "a=1", "b=2").in(repository);
        String one = Digest.sha256Of(fixture.layers().get(0)).toString();
        String two = Digest.sha256Of(fixture.layers().get(1)).toString();
        String config = Digest.sha256Of(fixture.config()).toString();

        Map<String, String> expected = new TreeMap<>();
        expected.put("TAG", folder.resolve("repos/lab/solver") + ":2.1");
        expected.put("v2", "");
        expected.put("manifest", fixture.image().manifestJson());
        for (String digest : List.of(one, two, config)) {
            expected.put(digest, "-> ../../../../layers/" + digest);
        }
        assertThat(files(folder.resolve("repos/lab/solver/2.1"))).isEqualTo(expected);
        assertThat(Folders.list(folder.resolve("layers")))
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder(one, two, config);
        assertThat(folder.resolve("repos/lab/solver/2.1").resolve(one).toRealPath())
                .isEqualTo(folder.resolve("layers").toRealPath().resolve(one));
    }

    @Test
    void a_name_with_a_registry_is_nested_by_its_parts() {
        StoredImageFixture.of("localhost:5000/a/b", "f=1").in(repository);

        assertThat(folder.resolve("repos/localhost:5000/a/b/latest/TAG")).isRegularFile();
    }

    @Test
    void an_image_is_found_with_all_that_creating_needs() {
        StoredImageFixture fixture =
                StoredImageFixture.of("lab/x:1", "a=1", "b=2").in(repository);

        StoredImage image = images.find(ImageReference.parse("lab/x:1")).orElseThrow();

        assertThat(image.digest()).isEqualTo(fixture.image().digest());
        assertThat(image.configJson()).isEqualTo(new String(fixture.config(), StandardCharsets.UTF_8));
        assertThat(image.layersOldestFirst())
                .extracting(layer -> Digest.sha256Of(read(layer.file())))
                .containsExactly(
                        Digest.sha256Of(fixture.layers().get(0)),
                        Digest.sha256Of(fixture.layers().get(1)));
        assertThat(image.layersOldestFirst()).allMatch(layer -> layer.diffId().isPresent());
        assertThat(images.find(ImageReference.parse("lab/x:2"))).isEmpty();
        assertThat(images.find(ImageReference.parse("lab"))).isEmpty();
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void an_image_is_found_by_its_digest_under_a_tag_until_the_tag_moves() {
        StoredImageFixture.of("lab/solver:2.1", "a=1").in(repository);
        StoredImage one = images.find(ImageReference.parse("lab/solver:2.1")).orElseThrow();
        ImageReference byDigest = ImageReference.parse("lab/solver").withDigest(one.digest());
        assertThat(images.find(byDigest)).map(StoredImage::digest).contains(one.digest());
        assertThat(images.find(ImageReference.parse("lab/other").withDigest(one.digest())))
                .isEmpty();

        StoredImageFixture.of("lab/solver:2.1", "a=2").in(repository);
        assertThat(images.find(byDigest)).isEmpty();
    }

    @Test
    void an_image_that_is_kept_by_its_digest_outlives_its_tag() {
        StoredImageFixture.of("lab/solver:2.1", "a=1").in(repository);
        StoredImage one = images.find(ImageReference.parse("lab/solver:2.1")).orElseThrow();
        ImageReference byDigest = ImageReference.parse("lab/solver").withDigest(one.digest());
        images.keepPinned(one, byDigest);
        images.keepPinned(one, byDigest);

        StoredImageFixture.of("lab/solver:2.1", "a=2").in(repository);
        assertThat(images.find(byDigest)).map(StoredImage::digest).contains(one.digest());
    }

    @Test
    void images_are_listed_sorted_also_those_pinned_and_those_below_another() {
        StoredImageFixture pinned =
                StoredImageFixture.of("lab/x:1", "a=1").pinned().in(repository);
        StoredImageFixture.of("zoo", "a=1").in(repository);
        StoredImageFixture.of("lab", "a=1").in(repository);
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        Folders.make(folder.resolve("repos/left/by/a/failed/pull"));

        assertThat(images.list())
                .containsExactly("lab/x:1", "lab/x@" + pinned.image().digest(), "lab:latest", "zoo:latest");
    }

    @Test
    void an_absent_repository_is_empty_and_stays_absent() {
        Path absent = folder.resolve("absent");
        Repository none = Repository.existing(RepositoryLayout.under(absent), Duration.ZERO);

        assertThat(none.images().list()).isEmpty();
        assertThat(none.images().find(ImageReference.parse("x"))).isEmpty();
        assertThat(none.containers().list()).isEmpty();
        assertThat(none.containers().find("x")).isEmpty();
        assertThat(absent).doesNotExist();
    }

    @Test
    void a_tag_that_moved_has_the_new_links_only() throws IOException {
        StoredImageFixture old = StoredImageFixture.of("x:1", "same=0", "a=old").in(repository);
        StoredImageFixture now = StoredImageFixture.of("x:1", "same=0", "a=new").in(repository);

        assertThat(images.find(ImageReference.parse("x:1")).orElseThrow().digest())
                .isEqualTo(now.image().digest());
        assertThat(files(folder.resolve("repos/x/1")).keySet())
                .contains(
                        Digest.sha256Of(now.layers().get(0)).toString(),
                        Digest.sha256Of(now.layers().get(1)).toString())
                .doesNotContain(
                        Digest.sha256Of(old.layers().get(1)).toString(),
                        Digest.sha256Of(old.config()).toString());
        // another image may use them: removing blobs is for rmi
        assertThat(folder.resolve("layers")
                        .resolve(Digest.sha256Of(old.layers().get(1)).toString()))
                .exists();
    }

    @Test
    void a_protection_stays_when_a_tag_moves() throws IOException {
        StoredImageFixture.of("x:1", "a=old").in(repository);
        Files.createFile(folder.resolve("repos/x/1/PROTECT"));

        StoredImageFixture.of("x:1", "a=new").in(repository);

        assertThat(folder.resolve("repos/x/1/PROTECT")).exists();
    }

    /// udocker writes the manifest anew with Python's blanks, so its digest is no longer the registry's.
    @Test
    void an_image_that_udocker_pulled_is_read() throws IOException {
        StoredImageFixture fixture =
                StoredImageFixture.of("lab/x:1", "a=1", "b=2").in(repository);
        Path entry = folder.resolve("repos/lab/x/1");
        String python = fixture.image()
                .manifestJson()
                .replace("\":", "\": ")
                .replace(",\"", ", \"")
                .replace(",{", ", {");
        Files.writeString(entry.resolve("manifest"), python);
        Files.writeString(entry.resolve("TAG"), "/home/else/.udocker/repos/lab/x:1");

        StoredImage image = images.find(ImageReference.parse("lab/x:1")).orElseThrow();

        assertThat(python).isNotEqualTo(fixture.image().manifestJson());
        assertThat(image.digest()).isNotEqualTo(fixture.image().digest());
        assertThat(image.manifestJson()).isEqualTo(python);
        assertThat(image.layersOldestFirst())
                .extracting(layer -> layer.descriptor().digest())
                .containsExactly(
                        Digest.sha256Of(fixture.layers().get(0)),
                        Digest.sha256Of(fixture.layers().get(1)));
        assertThat(images.list()).containsExactly("lab/x:1");
    }

    @Test
    void a_folder_without_its_tag_is_no_image() throws IOException {
        StoredImageFixture.of("x:1", "a=1").in(repository);
        Files.delete(folder.resolve("repos/x/1/TAG"));

        assertThat(images.find(ImageReference.parse("x:1"))).isEmpty();
        assertThat(images.list()).isEmpty();
    }

    @Test
    void an_image_that_lacks_a_blob_or_its_manifest_is_told_with_what_to_do() throws IOException {
        StoredImageFixture fixture = StoredImageFixture.of("x:1", "a=1").in(repository);
        Path blob = folder.resolve("layers")
                .resolve(Digest.sha256Of(fixture.layers().getFirst()).toString());
        Files.delete(blob);
        assertThat(Faults.expect(Fault.CORRUPT, () -> images.find(ImageReference.parse("x:1"))))
                .hasMessageContaining(blob.getFileName().toString())
                .satisfies(fault -> assertThat(fault.hint())
                        .hasValueSatisfying(hint -> assertThat(hint).contains("berth pull x:1")));

        Files.delete(folder.resolve("repos/x/1/manifest"));
        Faults.expect(Fault.CORRUPT, () -> images.find(ImageReference.parse("x:1")));
    }

    @Test
    void a_configuration_with_too_few_diff_ids_gives_none() {
        StoredImageFixture whole = StoredImageFixture.of("x:1", "a=1");
        StoredImageFixture base = StoredImageFixture.of("x:2", "a=1", "b=2").in(repository);
        String json = base.image()
                .manifestJson()
                .replace(
                        Digest.sha256Of(base.config()) + "\",\"size\":" + base.config().length,
                        Digest.sha256Of(whole.config()) + "\",\"size\":" + whole.config().length);
        whole.in(repository);

        StoredImage image = images.tag(new io.berth.image.ResolvedImage(
                ImageReference.parse("x:3"),
                Digest.sha256Of(json.getBytes(StandardCharsets.UTF_8)),
                json,
                io.berth.image.json.ManifestJson.manifest(json)));

        assertThat(image.layersOldestFirst())
                .hasSize(2)
                .allMatch(layer -> layer.diffId().isEmpty());
    }

    @Test
    void two_who_tag_the_same_image_at_once_do_not_disturb_each_other() throws InterruptedException {
        StoredImageFixture fixture =
                StoredImageFixture.of("x:0", "a=1", "b=2", "c=3", "d=4").in(repository);
        AtomicInteger done = new AtomicInteger();
        List<Thread> threads = new ArrayList<>();
        java.util.concurrent.CyclicBarrier together = new java.util.concurrent.CyclicBarrier(4);
        for (int i = 0; i < 4; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                for (int round = 1; round <= 15; round++) {
                    await(together);
                    images.tag(new io.berth.image.ResolvedImage(
                            ImageReference.parse("x:" + round),
                            fixture.image().digest(),
                            fixture.image().manifestJson(),
                            fixture.image().manifest()));
                    done.incrementAndGet();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join(Duration.ofSeconds(60));
        }
        threads.forEach(Thread::interrupt);

        assertThat(done).hasValue(4 * 15);
        assertThat(Files.isSymbolicLink(folder.resolve("repos/x/15/" + Digest.sha256Of(fixture.config()))))
                .isTrue();
        assertThat(Files.exists(folder.resolve("repos/x/15/TAG"), LinkOption.NOFOLLOW_LINKS))
                .isTrue();
    }

    private static void await(java.util.concurrent.CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (InterruptedException | java.util.concurrent.BrokenBarrierException e) {
            throw new IllegalStateException(e);
        }
    }
}
