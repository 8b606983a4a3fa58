package io.berth.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Manifest;
import io.berth.image.Platform;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.layer.ArchiveWriter;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.TreeListing;
import io.berth.layer.UnpackLimits;
import io.berth.layer.UnpackOptions;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import io.berth.store.StoredImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// import, export, load and save on real repositories.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ArchiveVerbsTest {
    private static final Platform PLATFORM = Platform.parse("linux/arm64/v8");

    @TempDir
    Path folder;

    private Repository repository;

    @BeforeEach
    void open() {
        repository = open("repo");
    }

    private Repository open(String name) {
        return Repository.open(RepositoryLayout.under(folder.resolve(name)), Duration.ofSeconds(60));
    }

    private ImportArchive importing() {
        return new ImportArchive(
                repository, new LayerUnpacker(), UnpackOptions.writable(), Clock.systemUTC(), Progress.none());
    }

    private static LoadImages loading(Repository into) {
        return new LoadImages(into, UnpackLimits.defaults(), Progress.none());
    }

    private static List<ImageReference> load(Repository into, Path archive) {
        return loading(into).load(new LoadImages.Request(new ArchiveSource.Named(archive), Optional.empty()));
    }

    private Digest importImage(Path archive, String name, boolean move) {
        return importing()
                .toImage(new ImportArchive.ImageRequest(
                        new ArchiveSource.Named(archive), ImageReference.parse(name), PLATFORM, move));
    }

    private ImportArchive.ContainerRequest container(ArchiveSource source, String name) {
        return new ImportArchive.ContainerRequest(source, Optional.empty(), PLATFORM, Optional.of(name));
    }

    private static StoredImage image(Repository in, String name) {
        return in.images().find(ImageReference.parse(name)).orElseThrow();
    }

    private static Container create(Repository in, String image) {
        return new CreateContainer(in, new LayerUnpacker(), UnpackOptions.writable(), Progress.none())
                .create(new CreateContainer.Request(image(in, image), Optional.empty()))
                .container();
    }

    /// Brings an image into the repository as a pull does.
    private static void store(Repository into, String name, ImageFixture image) {
        image.blobs()
                .forEach((digest, bytes) -> into.blobs()
                        .keep(
                                new Descriptor("", digest, bytes.length),
                                from -> new ByteArrayInputStream(bytes, (int) from, bytes.length - (int) from),
                                Progress.none()));
        Manifest manifest = ManifestJson.manifest(image.manifestJson());
        into.images()
                .tag(new ResolvedImage(
                        ImageReference.parse(name), image.manifest().digest(), image.manifestJson(), manifest));
    }

    private static ImageFixture twoLayers(ImageFixture.Compression compression, String text) {
        return ImageFixture.builder()
                .layer(
                        compression,
                        layer -> layer.directory("etc", 0755)
                                .file("etc/motd", "hello")
                                .file("gone", "x")
                                .symlink("motd", "etc/motd"))
                .layer(
                        compression,
                        layer -> layer.whiteout("gone").file("top", text).hardlink("etc/other", "etc/motd"))
                .config("Env", List.of("A=1"))
                .build();
    }

    private Path archive(String name, Consumer<ArchiveWriter> contents) throws IOException {
        Path file = folder.resolve(name);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ArchiveWriter archive = new ArchiveWriter(bytes);
        contents.accept(archive);
        archive.end();
        return Files.write(file, bytes.toByteArray());
    }

    private Path rootTree() throws IOException {
        return archive("root.tar", tar -> {
            tar.folder("etc");
            tar.file("etc/passwd", "root:x:0:0::/:/bin/sh\n".getBytes(UTF_8));
            tar.file("bin/sh", new byte[300_000]);
        });
    }

    private void nothingIn(Repository empty) {
        assertThat(empty.images().list()).isEmpty();
        assertThat(empty.containers().list()).isEmpty();
        assertThat(Folders.list(empty.layout().layers())).isEmpty();
        assertThat(Folders.list(empty.layout().containers())).isEmpty();
    }

    @Test
    void an_archive_becomes_an_image_of_one_layer() throws IOException {
        Path archive = rootTree();

        Digest layer = importImage(archive, "lab/root:1", false);

        assertThat(layer).isEqualTo(Digest.sha256Of(Files.readAllBytes(archive)));
        StoredImage image = image(repository, "lab/root:1");
        assertThat(image.layersOldestFirst()).singleElement().satisfies(one -> {
            assertThat(one.file()).hasSameBinaryContentAs(archive);
            assertThat(one.diffId()).contains(layer);
        });
        assertThat(image.config().platform()).isEqualTo(PLATFORM);
        assertThat(Files.readString(create(repository, "lab/root:1").root().resolve("etc/passwd")))
                .startsWith("root:");
        assertThat(archive).exists();
    }

    @ParameterizedTest
    @EnumSource(ImageFixture.Compression.class)
    void an_archive_may_be_packed(ImageFixture.Compression compression) throws IOException {
        byte[] plain = Files.readAllBytes(rootTree());
        Path packed = Files.write(folder.resolve("packed"), compression.compress(plain));

        importImage(packed, "lab/root", false);

        StoredImage.Layer layer =
                image(repository, "lab/root").layersOldestFirst().getFirst();
        assertThat(layer.diffId()).contains(Digest.sha256Of(plain));
        assertThat(layer.file()).hasSameBinaryContentAs(packed);
        assertThat(create(repository, "lab/root").root().resolve("bin/sh")).hasSize(300_000);
    }

    @Test
    void a_moved_archive_is_gone_once_the_image_is_here() throws IOException {
        Path archive = rootTree();
        byte[] bytes = Files.readAllBytes(archive);

        importImage(archive, "lab/root", true);

        assertThat(archive).doesNotExist();
        assertThat(image(repository, "lab/root").layersOldestFirst().getFirst().file())
                .hasBinaryContent(bytes);
    }

    @Test
    void what_is_no_whole_archive_is_refused_and_leaves_nothing() throws IOException {
        byte[] good = Files.readAllBytes(rootTree());
        for (byte[] bad : List.of(
                new byte[0],
                "hello".getBytes(UTF_8),
                Arrays.copyOf(good, good.length / 2),
                Arrays.copyOf(ImageFixture.Compression.GZIP.compress(good), 200))) {
            Path file = Files.write(folder.resolve("bad"), bad);
            Faults.expect(Fault.CORRUPT, () -> importImage(file, "lab/root", true));
            assertThat(file).hasBinaryContent(bad);
            nothingIn(repository);
        }
    }

    @Test
    void what_grows_beyond_measure_is_refused_before_it_fills_the_disk() throws IOException {
        Path plain = archive("zeros.tar", tar -> tar.file("zeros", new byte[120 << 20]));
        Path bomb =
                Files.write(folder.resolve("bomb"), ImageFixture.Compression.ZSTD.compress(Files.readAllBytes(plain)));

        assertThat(Faults.expect(Fault.CORRUPT, () -> importImage(bomb, "lab/bomb", false)))
                .hasMessageContaining("grows more than 2000-fold");
        assertThat(Faults.expect(Fault.CORRUPT, () -> load(repository, bomb)))
                .hasMessageContaining("grows more than 2000-fold");
        nothingIn(repository);
    }

    @Test
    void a_name_that_is_taken_is_refused() throws IOException {
        Path archive = rootTree();
        importImage(archive, "lab/root", false);

        Faults.expect(Fault.BUSY, () -> importImage(archive, "lab/root", true));
        assertThat(archive).exists();
    }

    @Test
    void an_archive_becomes_a_container_at_once() throws IOException {
        Path archive = rootTree();
        for (ArchiveSource source : List.of(
                new ArchiveSource.Named(archive),
                new ArchiveSource.Streamed(new ByteArrayInputStream(Files.readAllBytes(archive))))) {
            Container container = importing()
                    .toContainer(container(source, source instanceof ArchiveSource.Named ? "one" : "two"))
                    .container();
            assertThat(container.image()).isEqualTo("IMPORTED:unknown");
            assertThat(container.root().resolve("bin/sh")).hasSize(300_000);
            assertThat(ManifestJson.config(container.configJson()).platform()).isEqualTo(PLATFORM);
        }
        assertThat(repository.containers().find("two")).isPresent();
        assertThat(Folders.list(repository.layout().layers())).isEmpty();
    }

    @Test
    void a_container_comes_back_from_its_archive_as_it_was() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "t"));
        Container container = create(repository, "lab/x:1");
        Path odd = container.root().resolve("o".repeat(150));
        Files.createDirectories(odd.resolve("p".repeat(120)));
        Files.writeString(odd.resolve("größe"), "g");
        Files.createSymbolicLink(odd.resolve("l"), Path.of("../" + "t".repeat(180)));
        Path file = folder.resolve("export.tar");

        new ExportContainer(repository, new LaunchPlan.Owner(0, "boot", "node"), Progress.none())
                .export(container, false, file);
        Container again = importing()
                .toContainer(container(new ArchiveSource.Named(file), "again"))
                .container();

        assertThat(TreeListing.detailed(again.root())).isEqualTo(TreeListing.detailed(container.root()));
        importImage(file, "lab/flat", false);
        assertThat(TreeListing.detailed(create(repository, "lab/flat").root()))
                .isEqualTo(TreeListing.detailed(container.root()));
    }

    @Test
    void a_whole_container_comes_back_with_what_lies_beside_its_tree() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "t"));
        Container container = create(repository, "lab/x:1");
        Files.writeString(container.folder().resolve("execmode"), "P2");
        Path file = folder.resolve("clone.tar");

        new ExportContainer(repository, new LaunchPlan.Owner(0, "boot", "node"), Progress.none())
                .export(container, true, file);
        Container again = importing()
                .toClone(container(new ArchiveSource.Named(file), "again"))
                .container();

        assertThat(again.id()).isNotEqualTo(container.id());
        assertThat(again.image()).isEqualTo("lab/x:1");
        assertThat(again.configJson()).isEqualTo(container.configJson());
        assertThat(TreeListing.detailed(again.folder())).isEqualTo(TreeListing.detailed(container.folder()));
    }

    @Test
    void an_archive_that_is_no_container_is_no_clone() throws IOException {
        Path archive = rootTree();
        Faults.expect(Fault.CORRUPT, () -> importing().toClone(container(new ArchiveSource.Named(archive), "clone")));
        nothingIn(repository);
    }

    @Test
    void images_come_back_from_their_archive_with_names_tags_and_ids() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "one"));
        store(repository, "lab/x:2", twoLayers(ImageFixture.Compression.ZSTD, "two"));
        store(repository, "host:5000/y", twoLayers(ImageFixture.Compression.NONE, "three"));
        List<ImageReference> names = List.of(
                ImageReference.parse("lab/x:1"),
                ImageReference.parse("lab/x:2"),
                ImageReference.parse("host:5000/y:latest"));
        Path file = folder.resolve("saved.tar");
        SaveImages save = new SaveImages(repository, Progress.none());
        save.save(save.find(names), file);
        Repository other = open("other");

        assertThat(load(other, file)).containsExactlyElementsOf(names);

        for (ImageReference name : names) {
            StoredImage before = image(repository, name.toString());
            StoredImage after = image(other, name.toString());
            assertThat(after.configJson()).isEqualTo(before.configJson());
            assertThat(TreeListing.detailed(create(other, name.toString()).root()))
                    .isEqualTo(TreeListing.detailed(
                            create(repository, name.toString()).root()));
        }
        assertThat(Folders.list(folder))
                .noneMatch(path -> path.getFileName().toString().startsWith("."));
    }

    @Test
    void a_file_that_exists_is_not_saved_over() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "one"));
        Path file = Files.writeString(folder.resolve("mine"), "mine");
        SaveImages save = new SaveImages(repository, Progress.none());

        Faults.expect(Fault.BUSY, () -> save.save(save.find(List.of(ImageReference.parse("lab/x:1"))), file));
        assertThat(file).hasContent("mine");
        Faults.expect(Fault.NOT_FOUND, () -> save.find(List.of(ImageReference.parse("lab/no"))));
    }

    private byte[] saved(String name) {
        SaveImages save = new SaveImages(repository, Progress.none());
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        save.save(save.find(List.of(ImageReference.parse(name))), bytes);
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @EnumSource(ImageFixture.Compression.class)
    void a_packed_archive_is_loaded_from_a_stream_under_another_name(ImageFixture.Compression compression) {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "one"));
        byte[] packed = compression.compress(saved("lab/x:1"));
        Repository other = open("other");

        assertThat(loading(other)
                        .load(new LoadImages.Request(
                                new ArchiveSource.Streamed(new ByteArrayInputStream(packed)),
                                Optional.of(ImageReference.parse("mine:7")))))
                .containsExactly(ImageReference.parse("mine:7"));
        assertThat(other.images().find(ImageReference.parse("mine:7"))).isPresent();
        assertThat(other.images().list()).hasSize(1);
    }

    @Test
    void an_image_that_is_here_is_not_loaded_over() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "one"));
        store(repository, "lab/y:1", twoLayers(ImageFixture.Compression.GZIP, "two"));
        Path file = Files.write(folder.resolve("x.tar"), saved("lab/x:1"));
        Digest before = image(repository, "lab/y:1").digest();

        FaultException fault = Faults.expect(
                Fault.BUSY,
                () -> loading(repository)
                        .load(new LoadImages.Request(
                                new ArchiveSource.Named(file), Optional.of(ImageReference.parse("lab/y:1")))));
        assertThat(fault).hasMessageContaining("lab/y:1");
        assertThat(image(repository, "lab/y:1").digest()).isEqualTo(before);
    }

    @Test
    void a_load_can_be_given_again() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.GZIP, "one"));
        Path file = Files.write(folder.resolve("x.tar"), saved("lab/x:1"));
        Repository other = open("other");
        load(other, file);

        assertThat(load(other, file)).containsExactly(ImageReference.parse("lab/x:1"));
    }

    @Test
    void a_damaged_archive_is_refused_and_leaves_nothing() throws IOException {
        store(repository, "lab/x:1", twoLayers(ImageFixture.Compression.NONE, "z".repeat(2000)));
        byte[] good = saved("lab/x:1");
        int inLayer = new String(good, UTF_8).indexOf("zzzz");
        int inConfig = new String(good, UTF_8).indexOf("A=1");
        for (int at : List.of(inLayer, inConfig)) {
            byte[] bad = good.clone();
            bad[at]++;
            Path file = Files.write(folder.resolve("bad.tar"), bad);
            Repository other = open("other");
            Faults.expect(Fault.CORRUPT, () -> load(other, file));
            nothingIn(other);
        }
        for (byte[] bad : List.of(Arrays.copyOf(good, good.length / 2), "x".getBytes(UTF_8), new byte[10240])) {
            Path file = Files.write(folder.resolve("bad.tar"), bad);
            Repository other = open("other");
            Faults.expect(Fault.CORRUPT, () -> load(other, file));
            nothingIn(other);
        }
    }

    private static Map<String, byte[]> layout(ImageFixture image, String annotations) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}".getBytes(UTF_8));
        Descriptor manifest = image.manifest();
        files.put(
                "index.json",
                ("{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,"
                                + "\"annotations\":{%s}}]}")
                        .formatted(manifest.mediaType(), manifest.digest(), manifest.sizeBytes(), annotations)
                        .getBytes(UTF_8));
        files.put("blobs/sha256/" + manifest.digest().hex(), image.manifestBytes());
        image.blobs().forEach((digest, bytes) -> files.put("blobs/sha256/" + digest.hex(), bytes));
        return files;
    }

    private Path asFolder(Map<String, byte[]> files) throws IOException {
        Path made = Files.createTempDirectory(folder, "layout");
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            Path path = made.resolve(file.getKey());
            Files.createDirectories(path.getParent());
            Files.write(path, file.getValue());
        }
        return made;
    }

    @Test
    void a_layout_is_loaded_from_a_folder_and_from_an_archive_and_keeps_its_digest() throws IOException {
        ImageFixture image = twoLayers(ImageFixture.Compression.ZSTD, "oci");
        Map<String, byte[]> files = layout(image, "\"org.opencontainers.image.ref.name\":\"docker.io/lab/solver:2.1\"");
        Path folderForm = asFolder(files);
        Path tarForm = archive("layout.tar", tar -> files.forEach(tar::file));
        for (Path form : List.of(folderForm, tarForm)) {
            Repository other = open("other-" + form.getFileName());
            assertThat(load(other, form))
                    .extracting(ImageReference::toString)
                    .containsExactly("docker.io/lab/solver:2.1");
            assertThat(image(other, "docker.io/lab/solver:2.1").digest())
                    .isEqualTo(image.manifest().digest());
            create(other, "docker.io/lab/solver:2.1");
        }
        assertThat(folderForm.resolve("index.json")).exists();
    }

    @Test
    void a_layout_with_a_mere_tag_gets_a_random_name_with_it_and_one_without_gets_latest() throws IOException {
        ImageFixture image = twoLayers(ImageFixture.Compression.GZIP, "oci");
        assertThat(load(repository, asFolder(layout(image, "\"org.opencontainers.image.ref.name\":\"v3\""))))
                .singleElement()
                .asString()
                .matches("[a-z]{16}:v3");
        assertThat(load(repository, asFolder(layout(image, ""))))
                .singleElement()
                .asString()
                .matches("[a-z]{16}:latest");
    }

    @Test
    void what_is_both_has_dockers_names_and_the_layouts_digest() throws IOException {
        ImageFixture image = twoLayers(ImageFixture.Compression.GZIP, "oci");
        Map<String, byte[]> files = layout(image, "");
        files.put(
                "manifest.json",
                "[{\"Config\":\"blobs/sha256/%s\",\"RepoTags\":[\"busy:1\",\"busy:2\"],\"Layers\":[]}]"
                        .formatted(image.config().digest().hex())
                        .getBytes(UTF_8));
        assertThat(load(repository, asFolder(files)))
                .extracting(ImageReference::toString)
                .containsExactly("busy:1", "busy:2");
        assertThat(image(repository, "busy:2").digest())
                .isEqualTo(image.manifest().digest());
    }

    @Test
    void a_layout_with_a_blob_that_is_wrong_or_missing_is_refused() throws IOException {
        ImageFixture image = twoLayers(ImageFixture.Compression.GZIP, "oci");
        String layer =
                "blobs/sha256/" + image.layersOldestFirst().getFirst().digest().hex();
        Map<String, byte[]> files = layout(image, "");
        java.util.Objects.requireNonNull(files.get(layer))[20]++;
        Path wrong = asFolder(files);
        Faults.expect(Fault.CORRUPT, () -> load(repository, wrong));
        files.remove(layer);
        Path missing = asFolder(files);
        Faults.expect(Fault.CORRUPT, () -> load(repository, missing));
        nothingIn(repository);
    }

    @Test
    void names_that_lead_out_of_an_archive_are_refused() throws IOException {
        Files.writeString(folder.resolve("secret"), "s");
        for (String evil : List.of("../secret", "/etc/passwd", "a/../../secret")) {
            Path made = asFolder(Map.of(
                    "manifest.json",
                    "[{\"Config\":\"%s\",\"RepoTags\":[],\"Layers\":[]}]"
                            .formatted(evil)
                            .getBytes(UTF_8)));
            Faults.expect(Fault.CORRUPT, () -> load(repository, made));
        }
        nothingIn(repository);
    }

    @Test
    void repeated_layers_and_layers_that_are_links_are_loaded() throws IOException {
        byte[] tar = Files.readAllBytes(rootTree());
        Digest diffId = Digest.sha256Of(tar);
        byte[] config = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"diff_ids\":[\"%s\",\"%s\",\"%s\"]}}"
                .formatted(diffId, diffId, diffId)
                .getBytes(UTF_8);
        List<String> layers = List.of("a/layer.tar", "b/layer.tar", "a/layer.tar");
        Path file = folder.resolve("linked.tar");
        try (var out =
                new org.apache.commons.compress.archivers.tar.TarArchiveOutputStream(Files.newOutputStream(file))) {
            var link = new org.apache.commons.compress.archivers.tar.TarArchiveEntry("b/layer.tar", (byte) '2');
            link.setLinkName("../a/layer.tar");
            out.putArchiveEntry(link);
            out.closeArchiveEntry();
            Map<String, byte[]> files = Map.of(
                    "a/layer.tar",
                    tar,
                    "config.json",
                    config,
                    "manifest.json",
                    "[{\"Config\":\"config.json\",\"RepoTags\":[\"l:1\"],\"Layers\":[\"%s\"]}]"
                            .formatted(String.join("\",\"", layers))
                            .getBytes(UTF_8));
            for (Map.Entry<String, byte[]> one : files.entrySet()) {
                var entry = new org.apache.commons.compress.archivers.tar.TarArchiveEntry(one.getKey());
                entry.setSize(one.getValue().length);
                out.putArchiveEntry(entry);
                out.write(one.getValue());
                out.closeArchiveEntry();
            }
        }

        load(repository, file);

        assertThat(image(repository, "l:1").layersOldestFirst()).hasSize(3);
        assertThat(create(repository, "l:1").root().resolve("bin/sh")).hasSize(300_000);
    }

    /// As udocker 1.3 leaves what it loads: random ids, top layer first.
    @Test
    void an_image_in_udockers_first_format_is_listed_created_and_saved() throws IOException {
        ImageFixture image = twoLayers(ImageFixture.Compression.GZIP, "v1");
        Path tag = Files.createDirectories(repository.layout().images().resolve("old/image/3"));
        Path layers = repository.layout().layers();
        List<byte[]> blobs = new ArrayList<>();
        image.layersOldestFirst().forEach(layer -> blobs.add(image.blobs().get(layer.digest())));
        List<String> ids = List.of("1".repeat(64), "2".repeat(64));
        for (int i = 0; i < ids.size(); i++) {
            for (String suffix : List.of(".layer", ".json")) {
                Files.write(
                        layers.resolve(ids.get(i) + suffix),
                        suffix.equals(".layer") ? blobs.get(i) : "{\"id\":\"x\"}".getBytes(UTF_8));
                Files.createSymbolicLink(
                        tag.resolve(ids.get(i) + suffix), Path.of("../../../../layers/" + ids.get(i) + suffix));
            }
        }
        Files.write(layers.resolve("c.json"), image.blobs().get(image.config().digest()));
        Files.createSymbolicLink(tag.resolve("container.json"), Path.of("../../../../layers/c.json"));
        Files.writeString(tag.resolve("ancestry"), "[\"%s\", \"%s\"]".formatted(ids.get(1), ids.get(0)));
        Files.createFile(tag.resolve("v1"));
        Files.writeString(tag.resolve("TAG"), repository.layout().images() + "/old/image:3");

        assertThat(repository.images().list()).hasSize(1);
        StoredImage stored = image(repository, "old/image:3");
        assertThat(stored.config().env()).containsExactly("A=1");
        assertThat(stored.layersOldestFirst()).noneMatch(StoredImage.Layer::isNamedByDigest);
        Container container = create(repository, "old/image:3");
        assertThat(TreeListing.of(container.root()))
                .containsExactly(
                        "dir etc 755",
                        "file etc/motd 644 hello",
                        "file etc/other 644 hello",
                        "link motd -> etc/motd",
                        "file top 644 v1");
        Path file = Files.write(folder.resolve("v1.tar"), saved("old/image:3"));
        assertThat(load(open("other"), file)).containsExactly(ImageReference.parse("old/image:3"));

        Files.delete(layers.resolve(ids.get(0) + ".layer"));
        Faults.expect(Fault.CORRUPT, () -> image(repository, "old/image:3"));
    }
}
