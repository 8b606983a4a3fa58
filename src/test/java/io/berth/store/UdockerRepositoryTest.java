package io.berth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A repository as udocker 1.3 leaves it, byte for byte, in the hands of berth.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UdockerRepositoryTest {
    private static final String CONFIG =
            "{\"architecture\": \"amd64\", \"os\": \"linux\", \"config\": {\"Cmd\": [\"sh\"]}}";
    private static final String FIRST = "1".repeat(64);
    private static final String SECOND = "2".repeat(64);
    private static final String CONTAINER = "5bc5b8a3-a2f0-3d2c-bd23-0d1a5a3f1c11";
    private static final String OTHER = "0a0b0c0d-1111-3222-8333-444455556666";

    @TempDir
    Path folder;

    private Repository repository;
    private String layer;
    private String config;

    @BeforeEach
    void write() throws IOException {
        for (String part : List.of("repos", "layers", "containers", "bin", "lib", "doc")) {
            Files.createDirectory(folder.resolve(part));
        }
        layer = blob("layer");
        config = blob(CONFIG);
        pulled("lab/busybox", "latest");
        imported("lab/old", "1");
        container(CONTAINER, "lab/busybox:latest");
        container(OTHER, "IMPORTED:unknown");
        Files.createSymbolicLink(folder.resolve("containers/bb"), Path.of(CONTAINER));
        Files.createSymbolicLink(folder.resolve("containers/x"), Path.of(CONTAINER));
        repository = Repository.existing(RepositoryLayout.under(folder), Duration.ofSeconds(10));
    }

    private String blob(String content) throws IOException {
        String digest =
                Digest.sha256Of(content.getBytes(StandardCharsets.UTF_8)).toString();
        Files.writeString(folder.resolve("layers").resolve(digest), content);
        return digest;
    }

    /// What `udocker pull` writes.
    private void pulled(String name, String tag) throws IOException {
        Path image =
                Files.createDirectories(folder.resolve("repos").resolve(name).resolve(tag));
        Files.writeString(image.resolve("TAG"), folder + "/repos/" + name + ":" + tag);
        Files.createFile(image.resolve("v2"));
        Files.writeString(
                image.resolve("manifest"),
                ("{\"schemaVersion\": 2, \"mediaType\": \"application/vnd.docker.distribution.manifest.v2+json\", "
                                + "\"config\": {\"mediaType\": \"a\", \"size\": %d, \"digest\": \"%s\"}, "
                                + "\"layers\": [{\"mediaType\": \"b\", \"size\": 5, \"digest\": \"%s\"}]}")
                        .formatted(CONFIG.length(), config, layer));
        link(image, config, config);
        link(image, layer, layer);
    }

    /// What `udocker import` and `load` write.
    private void imported(String name, String tag) throws IOException {
        Path image =
                Files.createDirectories(folder.resolve("repos").resolve(name).resolve(tag));
        Files.writeString(image.resolve("TAG"), folder + "/repos/" + name + ":" + tag);
        Files.createFile(image.resolve("v1"));
        Files.writeString(image.resolve("ancestry"), "[\"" + SECOND + "\", \"" + FIRST + "\"]");
        for (String id : List.of(FIRST, SECOND)) {
            Files.writeString(folder.resolve("layers").resolve(id + ".layer"), "tar of " + id);
            Files.writeString(folder.resolve("layers").resolve(id + ".json"), CONFIG);
            link(image, id + ".layer", id + ".layer");
            link(image, id + ".json", id + ".json");
        }
        Files.writeString(folder.resolve("layers/config-of-it.json"), CONFIG);
        link(image, "container.json", "config-of-it.json");
    }

    private static void link(Path image, String name, String blob) throws IOException {
        Files.createSymbolicLink(image.resolve(name), Path.of("../../../../layers/" + blob));
    }

    private void container(String id, String image) throws IOException {
        Path container = Files.createDirectories(folder.resolve("containers").resolve(id));
        Files.createDirectory(container.resolve("ROOT"));
        Files.writeString(container.resolve("container.json"), CONFIG);
        Files.writeString(container.resolve("imagerepo.name"), image);
    }

    private List<String> layers() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("layers"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static ImageReference name(String text) {
        return ImageReference.parse(text);
    }

    @Test
    void images_of_both_formats_are_listed_and_read() throws IOException {
        Files.createFile(folder.resolve("repos/lab/old/1/PROTECT"));

        assertThat(repository.images().entries())
                .containsExactly(
                        new ImageEntry("lab/busybox:latest", folder.resolve("repos/lab/busybox/latest"), false),
                        new ImageEntry("lab/old:1", folder.resolve("repos/lab/old/1"), true));
        assertThat(repository.images().find(name("lab/busybox")).orElseThrow().configJson())
                .isEqualTo(CONFIG);
        assertThat(repository.images().find(name("lab/old:1")).orElseThrow().layersOldestFirst())
                .extracting(found -> found.file().getFileName().toString())
                .containsExactly(FIRST + ".layer", SECOND + ".layer");
        assertThat(repository.images().blobsOf(repository.images().entries().getFirst()))
                .containsEntry(layer, 5L)
                .containsEntry(config, (long) CONFIG.length());
    }

    @Test
    void containers_are_listed_with_names_marks_and_states() throws IOException {
        Files.createFile(folder.resolve("containers").resolve(OTHER).resolve("PROTECT"));
        Files.delete(folder.resolve("containers").resolve(OTHER).resolve("ROOT"));

        assertThat(repository.containers().entries())
                .containsExactly(
                        new ContainerEntry(
                                OTHER,
                                folder.resolve("containers").resolve(OTHER),
                                "IMPORTED:unknown",
                                List.of(),
                                true,
                                'N'),
                        new ContainerEntry(
                                CONTAINER,
                                folder.resolve("containers").resolve(CONTAINER),
                                "lab/busybox:latest",
                                List.of("bb", "x"),
                                false,
                                'W'));
        Files.createFile(folder.resolve("containers").resolve(OTHER).resolve("ROOT"));
        assertThat(repository.containers().entries().getFirst().state()).isEqualTo('D');
    }

    @Test
    void a_mark_is_an_empty_file_as_udocker_makes_it() throws IOException {
        Container container = repository.containers().find("bb").orElseThrow();

        repository.containers().protect(container, true);
        repository.containers().protect(container, true);
        repository.images().protect(name("lab/busybox"), true);

        assertThat(container.folder().resolve("PROTECT")).isEmptyFile();
        assertThat(folder.resolve("repos/lab/busybox/latest/PROTECT")).isEmptyFile();
        repository.containers().protect(container, false);
        repository.images().protect(name("lab/busybox"), false);
        repository.images().protect(name("lab/busybox"), false);
        assertThat(container.folder().resolve("PROTECT")).doesNotExist();
        assertThat(folder.resolve("repos/lab/busybox/latest/PROTECT")).doesNotExist();
        Faults.expect(Fault.NOT_FOUND, () -> repository.images().protect(name("none"), true));
    }

    @Test
    void names_are_given_changed_and_taken_away_as_links() throws IOException {
        ContainerStore containers = repository.containers();

        containers.rename("x", "y");
        containers.name(OTHER, "o");
        containers.unname("bb");

        assertThat(Files.readSymbolicLink(folder.resolve("containers/y"))).isEqualTo(Path.of(CONTAINER));
        assertThat(Files.readSymbolicLink(folder.resolve("containers/o"))).isEqualTo(Path.of(OTHER));
        assertThat(folder.resolve("containers/x")).doesNotExist();
        assertThat(folder.resolve("containers/bb")).doesNotExist();
        Faults.expect(Fault.BUSY, () -> containers.rename("y", "o"));
        assertThat(containers.find("y")).isPresent();
        Faults.expect(Fault.NOT_FOUND, () -> containers.rename("nosuch", "z"));
        Faults.expect(Fault.NOT_FOUND, () -> containers.rename(CONTAINER, "z"));
        Faults.expect(Fault.NOT_FOUND, () -> containers.unname("nosuch"));
        Faults.expect(Fault.NOT_FOUND, () -> containers.unname(CONTAINER));
        assertThat(folder.resolve("containers").resolve(CONTAINER)).isDirectory();
    }

    @Test
    void the_mode_is_stored_as_udocker_stores_it() throws IOException {
        Container container = repository.containers().find("bb").orElseThrow();
        assertThat(StoredMode.of(container.folder())).isEmpty();

        StoredMode.set(container, "P2");

        assertThat(container.folder().resolve("execmode")).content().isEqualTo("P2");
        assertThat(container.folder().resolve("root.path"))
                .content()
                .isEqualTo(container.root().toRealPath().toString());
        assertThat(StoredMode.of(container.folder())).contains("P2");
        assertThat(StoredMode.hasNvidia(container)).isFalse();
        Files.createFile(container.folder().resolve("nvidia"));
        assertThat(StoredMode.hasNvidia(container)).isTrue();
    }

    @Test
    void a_second_name_of_an_image_shares_its_layers() throws IOException {
        repository.images().tag(name("lab/busybox"), name("other:2"));
        repository.images().tag(name("lab/old:1"), name("docker.io/lab/old:2"));

        Path other = folder.resolve("repos/other/2");
        assertThat(other.resolve("TAG")).content().isEqualTo(folder + "/repos/other:2");
        assertThat(other.resolve("manifest"))
                .hasSameTextualContentAs(folder.resolve("repos/lab/busybox/latest/manifest"));
        assertThat(other.resolve("v2")).isEmptyFile();
        assertThat(Files.readSymbolicLink(other.resolve(layer))).isEqualTo(Path.of("../../../layers", layer));
        Path old = folder.resolve("repos/docker.io/lab/old/2");
        assertThat(Files.readSymbolicLink(old.resolve("container.json")))
                .isEqualTo(Path.of("../../../../../layers/config-of-it.json"));
        assertThat(repository
                        .images()
                        .find(name("docker.io/lab/old:2"))
                        .orElseThrow()
                        .configJson())
                .isEqualTo(CONFIG);
        Faults.expect(Fault.BUSY, () -> repository.images().tag(name("lab/old:1"), name("other:2")));
        Faults.expect(Fault.NOT_FOUND, () -> repository.images().tag(name("none"), name("new")));
        repository.images().protect(name("other:2"), true);
        Faults.expect(Fault.NOT_ALLOWED, () -> repository.images().tag(name("other:2"), name("new")));
        assertThat(repository.images().find(name("new"))).isEmpty();
    }

    @Test
    void a_removed_image_takes_along_the_layers_that_no_other_has() throws IOException {
        pulled("lab/same", "a");
        List<String> before = layers();

        repository.images().remove(name("lab/busybox"), false);

        assertThat(layers()).isEqualTo(before);
        assertThat(folder.resolve("repos/lab/busybox")).doesNotExist();
        repository.images().remove(name("lab/same:a"), false);
        assertThat(layers()).doesNotContain(layer, config).hasSize(before.size() - 2);
        repository.images().remove(name("lab/old:1"), false);
        assertThat(layers()).isEmpty();
        assertThat(folder.resolve("repos")).isEmptyDirectory();
    }

    @Test
    void what_is_protected_or_not_there_is_not_removed() throws IOException {
        repository.images().protect(name("lab/busybox"), true);

        Faults.expect(Fault.NOT_ALLOWED, () -> repository.images().remove(name("lab/busybox"), false));
        Faults.expect(Fault.NOT_ALLOWED, () -> repository.images().remove(name("lab/busybox"), true));
        assertThat(repository.images().find(name("lab/busybox"))).isPresent();
        assertThat(Faults.expect(Fault.NOT_FOUND, () -> repository.images().remove(name("lab/busybix"), false))
                        .hint())
                .contains("did you mean 'lab/busybox:latest'?");
        repository.images().remove(name("lab/none"), true);
    }

    /// udocker's own removals and pulls are interrupted, too.
    @Test
    void what_an_interrupted_removal_or_pull_left_is_swept_by_the_next_removal() throws IOException {
        Files.delete(folder.resolve("repos/lab/busybox/latest/TAG"));
        assertThat(repository.images().list()).containsExactly("lab/old:1");

        repository.images().remove(name("lab/old:1"), false);

        assertThat(layers()).isEmpty();
        assertThat(folder.resolve("repos")).isEmptyDirectory();
    }

    @Test
    void a_dangling_link_hinders_no_removal() throws IOException {
        Files.delete(folder.resolve("layers").resolve(layer));

        repository.images().remove(name("lab/busybox"), false);

        assertThat(folder.resolve("repos/lab/busybox")).doesNotExist();
    }

    @Test
    void a_blob_that_is_gone_when_an_image_is_tagged_makes_no_image() throws IOException {
        StoredImageFixture image = StoredImageFixture.of("new:1", "a=1").in(repository);
        repository.images().remove(name("new:1"), false);

        Faults.expect(Fault.CORRUPT, () -> repository.images().tag(image.image()));
        assertThat(repository.images().list()).doesNotContain("new:1");
    }

    @Test
    void files_that_an_r_mode_of_udocker_replaced_come_back() throws IOException {
        Container container = repository.containers().find("bb").orElseThrow();
        Path etc = Files.createDirectory(container.root().resolve("etc"));
        Path originals = Files.createDirectory(container.folder().resolve(".bind_orig_files"));
        Files.writeString(originals.resolve("#etc#passwd"), "root:x:0:0::/:/bin/sh\n");
        Files.writeString(originals.resolve("#etc#group"), "old");
        Files.writeString(originals.resolve("#out#file"), "old");
        Files.createSymbolicLink(etc.resolve("passwd"), Path.of("/.bind_host_files/#etc#passwd"));
        Files.writeString(etc.resolve("group"), "changed since");
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.createSymbolicLink(outside.resolve("file"), Path.of("/.bind_host_files/#out#file"));
        Files.createSymbolicLink(container.root().resolve("out"), outside);

        assertThat(UdockerTraces.restoreFiles(container)).isTrue();

        assertThat(etc.resolve("passwd")).isRegularFile().content().startsWith("root:");
        assertThat(Files.isSymbolicLink(etc.resolve("passwd"))).isFalse();
        assertThat(etc.resolve("group")).hasContent("changed since");
        assertThat(Files.isSymbolicLink(outside.resolve("file")))
                .as("outside of the tree")
                .isTrue();
        assertThat(UdockerTraces.restoreFiles(container)).isFalse();
    }

    @Test
    void empty_mount_points_that_runs_made_are_removed_and_used_ones_stay() throws IOException {
        Container container = repository.containers().find("bb").orElseThrow();
        Path root = container.root();
        Files.createDirectories(root.resolve("data/deep/er"));
        Files.createDirectories(root.resolve("used"));
        Files.writeString(root.resolve("used/file"), "x");
        Files.createDirectory(root.resolve("etc"));
        Files.createFile(root.resolve("etc/resolv.conf"));
        Path records = Files.createDirectory(container.folder().resolve(".mountpoints"));
        Files.createSymbolicLink(records.resolve("#data#deep#er"), Path.of("#"));
        Files.createSymbolicLink(records.resolve("#used"), Path.of("#"));
        Files.createSymbolicLink(records.resolve("#etc#resolv.conf"), Path.of("#etc"));

        UdockerTraces.removeMountPoints(container);

        assertThat(root.resolve("data")).doesNotExist();
        assertThat(root.resolve("used/file")).exists();
        assertThat(root.resolve("etc")).isEmptyDirectory();
        assertThat(records).isEmptyDirectory();
        assertThat(Files.exists(records.resolve("#used"), LinkOption.NOFOLLOW_LINKS))
                .isFalse();
    }

    @Test
    void a_new_repository_has_udockers_folders_and_none_that_lie_elsewhere() throws IOException {
        Path root = folder.resolve("new");
        RepositoryLayout layout = new RepositoryLayout(
                root,
                root.resolve("repos"),
                root.resolve("layers"),
                root.resolve("containers"),
                folder.resolve("elsewhere"),
                root.resolve("lib"),
                root.resolve("doc"));

        Repository made = Repository.make(layout, Duration.ZERO);

        try (Stream<Path> parts = Files.list(root)) {
            assertThat(parts.map(part -> part.getFileName().toString()))
                    .containsExactlyInAnyOrder("repos", "layers", "containers", "lib", "doc");
        }
        Faults.expect(Fault.NOT_FOUND, made::requireComplete);
        Faults.expect(Fault.BUSY, () -> Repository.make(layout, Duration.ZERO));
        repository.requireComplete();
    }
}
