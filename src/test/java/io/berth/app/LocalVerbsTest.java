package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.device.DriverCopy;
import io.berth.engine.ExecutionMode;
import io.berth.engine.ModeRequest;
import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.files.UnixStat;
import io.berth.image.ImageReference;
import io.berth.process.LaunchPlan;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import io.berth.store.StoredImage;
import io.berth.store.StoredMode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The verbs that work on what is in the repository.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LocalVerbsTest {
    private static final LaunchPlan.Owner OWNER =
            new LaunchPlan.Owner(UnixStat.of(Path.of("/proc/self")).uid(), "boot", "node");

    @TempDir
    Path folder;

    private Repository repository;
    private Container container;

    @BeforeEach
    void open() throws IOException {
        repository = Repository.open(RepositoryLayout.under(folder.resolve("repo")), Duration.ofSeconds(10));
        StoredImageFixture.of("lab/x:1", "a=1", "b=2").in(repository);
        StoredImage image =
                repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();
        container = repository.containers().publish(repository.containers().draft(), image, Optional.of("one"));
        Files.writeString(container.root().resolve("file"), "text");
    }

    private Path store(String mode) throws IOException {
        return Files.writeString(container.folder().resolve("execmode"), mode);
    }

    private SetUpContainer setUp() {
        return new SetUpContainer(
                repository, OWNER, Optional.empty(), new DriverCopy(folder.resolve("no-driver"), List.of()));
    }

    private SetUpContainer.Request mode(String mode) {
        return new SetUpContainer.Request(container, Optional.of(mode), false, false, false, false);
    }

    private static ModeRequest asked(String mode) {
        return ModeRequest.parse(mode);
    }

    // ---- clone

    @Test
    void a_clone_is_another_container_with_the_same_content() throws IOException {
        StoredMode.set(container, "P2");
        Files.createDirectories(container.folder().resolve(".berth/runs"));
        Files.writeString(container.folder().resolve("config.json"), "{}");

        Container clone = new CloneContainer(repository, OWNER, Optional.empty(), Progress.none())
                .copy(container, Optional.of("two"));

        assertThat(clone.id()).isNotEqualTo(container.id());
        assertThat(repository.containers().find("two")).contains(clone);
        assertThat(clone.root().resolve("file")).hasContent("text");
        assertThat(clone.configJson()).isEqualTo(container.configJson());
        assertThat(clone.image()).isEqualTo("lab/x:1");
        assertThat(StoredMode.of(clone.folder())).contains("P2");
        assertThat(clone.folder().resolve("root.path"))
                .content()
                .isEqualTo(clone.root().toRealPath().toString());
        assertThat(clone.folder().resolve(".berth")).doesNotExist();
        assertThat(clone.folder().resolve("config.json")).doesNotExist();
        Files.writeString(clone.root().resolve("file"), "other");
        assertThat(container.root().resolve("file")).hasContent("text");
    }

    @Test
    void a_clone_that_cannot_be_made_leaves_nothing() throws IOException {
        CloneContainer clone = new CloneContainer(repository, OWNER, Optional.empty(), Progress.none());

        Faults.expect(Fault.BUSY, () -> clone.copy(container, Optional.of("one")));
        store("F3");
        Faults.expect(Fault.HOST_UNFIT, () -> clone.copy(container, Optional.empty()));
        try (Stream<Path> left = Files.list(folder.resolve("repo/containers"))) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder(container.id(), "one");
        }
    }

    // ---- modes

    @ParameterizedTest
    @CsvSource({"P1,P1", "P2,P2", "R1,R1", "p2,P2", "S1,S1"})
    void a_stored_mode_is_the_one_wanted(String stored, ExecutionMode wanted) throws IOException {
        store(stored);

        assertThat(ContainerMode.wanted(container, asked("auto"), "").mode()).contains(wanted);
        assertThat(ContainerMode.wanted(container, asked("R1"), "P2").mode()).contains(ExecutionMode.R1);
    }

    @Test
    void without_a_stored_mode_the_usual_one_holds_and_else_the_best() {
        assertThat(ContainerMode.wanted(container, asked("auto"), "").mode()).isEmpty();
        assertThat(ContainerMode.wanted(container, asked("auto"), "P2").mode()).contains(ExecutionMode.P2);
        assertThat(ContainerMode.shown(container.folder(), "P1")).isEqualTo("P1");
        Faults.expect(Fault.BAD_INPUT, () -> ContainerMode.wanted(container, asked("auto"), "P9"));
    }

    /// Their trees hold their own path and a changed loader.
    @ParameterizedTest
    @ValueSource(strings = {"F1", "F2", "F3", "F4"})
    void a_tree_that_was_rewritten_is_started_in_its_own_mode_only(String mode) throws IOException {
        store(mode);
        Path place = Files.writeString(
                container.folder().resolve("root.path"),
                container.root().toRealPath().toString());

        assertThat(ContainerMode.wanted(container, asked("auto"), "P1").mode()).contains(ExecutionMode.valueOf(mode));
        Faults.expect(Fault.HOST_UNFIT, () -> ContainerMode.wanted(container, asked("R1"), ""));
        Files.writeString(place, "/elsewhere");
        if (mode.equals("F3") || mode.equals("F4")) {
            assertThat(Faults.expect(Fault.HOST_UNFIT, () -> ContainerMode.wanted(container, asked("auto"), ""))
                            .hint()
                            .orElseThrow())
                    .contains("--execmode=" + mode + " --force");
        } else {
            assertThat(ContainerMode.wanted(container, asked("auto"), "").mode())
                    .isPresent();
        }
    }

    @Test
    void a_setup_that_was_cut_short_keeps_every_mode_from_starting() throws IOException {
        Path state = Files.createDirectories(container.folder().resolve(".berth/ready"));
        Files.writeString(state.resolve("changing"), "F3");

        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> ContainerMode.wanted(container, asked("R1"), ""))
                        .hint()
                        .orElseThrow())
                .contains("berth setup --execmode=P1 --force " + container.id());
        Faults.expect(
                Fault.HOST_UNFIT,
                () -> new CloneContainer(repository, OWNER, Optional.empty(), Progress.none())
                        .copy(container, Optional.empty()));
        assertThat(setUp().setUp(new SetUpContainer.Request(container, Optional.of("P1"), true, false, false, false)))
                .isEmpty();
        assertThat(ContainerMode.wanted(container, asked("R1"), "").mode()).isPresent();
    }

    // ---- setup

    @ParameterizedTest
    @ValueSource(strings = {"P1", "p2", "R1", "r2", "R3"})
    void setup_stores_a_mode(String mode) {
        assertThat(setUp().setUp(mode(mode))).isEmpty();

        assertThat(StoredMode.of(container.folder())).contains(mode.toUpperCase(java.util.Locale.ROOT));
    }

    @Test
    void setup_does_nothing_when_the_mode_is_stored_already_unless_forced() throws IOException {
        setUp().setUp(mode("P2"));
        Files.delete(container.folder().resolve("root.path"));

        setUp().setUp(mode("P2"));
        assertThat(container.folder().resolve("root.path")).doesNotExist();
        setUp().setUp(new SetUpContainer.Request(container, Optional.of("P2"), true, false, false, false));
        assertThat(container.folder().resolve("root.path")).exists();
    }

    @Test
    void setup_refuses_what_it_cannot_do_and_changes_nothing() throws IOException {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> setUp().setUp(mode("P9")))
                        .hint())
                .contains("did you mean 'P1'?");
        Faults.expect(Fault.HOST_UNFIT, () -> setUp().setUp(mode("F3")));
        Faults.expect(
                Fault.HOST_UNFIT,
                () -> setUp().setUp(
                                new SetUpContainer.Request(container, Optional.of("P2"), false, false, false, true)));
        assertThat(StoredMode.of(container.folder())).isEmpty();
        store("F3");
        Files.writeString(container.folder().resolve("patch.time"), "1");
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> setUp().setUp(mode("P1"))))
                .hasMessageContaining("patchelf");
        setUp().setUp(mode("F3"));
        assertThat(StoredMode.of(container.folder())).contains("F3");
    }

    @Test
    void setup_of_a_protected_container_is_refused() {
        repository.containers().protect(container, true);

        Faults.expect(Fault.NOT_ALLOWED, () -> setUp().setUp(mode("P2")));
        setUp().setUp(new SetUpContainer.Request(container, Optional.empty(), false, false, false, false));
    }

    @Test
    void setup_purges_and_opens() throws IOException {
        Files.createDirectory(container.root().resolve("data"));
        Files.createSymbolicLink(
                Files.createDirectory(container.folder().resolve(".mountpoints"))
                        .resolve("#data"),
                Path.of("#"));
        Files.setAttribute(container.root().resolve("file"), "unix:mode", 0);

        setUp().setUp(new SetUpContainer.Request(container, Optional.empty(), false, true, true, false));

        assertThat(container.root().resolve("data")).doesNotExist();
        assertThat(UnixStat.of(container.root().resolve("file")).mode() & 0777).isEqualTo(0600);
    }

    // ---- verify

    @Test
    void a_good_image_has_all_its_blobs_told() {
        VerifyRepository.Finding finding = verify("lab/x:1");

        assertThat(finding.problems()).isEmpty();
        assertThat(finding.good()).hasSize(3).allMatch(name -> name.startsWith("sha256:"));
    }

    /// udocker's fault 2: what is damaged is noticed.
    @Test
    void a_damaged_layer_is_told_by_its_name() throws IOException {
        Path layer = repository
                .images()
                .find(ImageReference.parse("lab/x:1"))
                .orElseThrow()
                .layersOldestFirst()
                .getLast()
                .file();
        byte[] bytes = Files.readAllBytes(layer);
        bytes[bytes.length / 2] ^= 1;
        Files.write(layer, bytes);

        VerifyRepository.Finding finding = verify("lab/x:1");

        assertThat(finding.good()).hasSize(2);
        assertThat(finding.problems())
                .singleElement()
                .asString()
                .contains(layer.getFileName().toString());
        Files.delete(layer);
        assertThat(verify("lab/x:1").problems()).singleElement().asString().contains("missing");
        Faults.expect(Fault.NOT_FOUND, () -> verify("none"));
    }

    @ParameterizedTest
    @EnumSource(ImageFixture.Compression.class)
    void a_layer_without_a_digest_for_a_name_is_compared_with_what_the_image_says_of_its_content(
            ImageFixture.Compression packed) throws IOException {
        String id = "3".repeat(64);
        Path image = Files.createDirectories(folder.resolve("repo/repos/old/1"));
        Path layers = folder.resolve("repo/layers");
        Path layer = layers.resolve(id + ".layer");
        Files.write(layer, packed.compress("content".getBytes(StandardCharsets.UTF_8)));
        Files.writeString(
                layers.resolve(id + ".json"),
                "{\"rootfs\": {\"diff_ids\": [\"sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73\"]}}");
        for (String suffix : List.of(".layer", ".json")) {
            Files.createSymbolicLink(image.resolve(id + suffix), layers.resolve(id + suffix));
        }
        Files.writeString(image.resolve("ancestry"), "[\"" + id + "\"]");
        Files.createFile(image.resolve("v1"));
        Files.writeString(image.resolve("TAG"), "x");

        assertThat(verify("old:1").good()).containsExactly(id + ".layer");
        Files.write(layer, packed.compress("other".getBytes(StandardCharsets.UTF_8)));
        assertThat(verify("old:1").problems()).hasSize(1);
        Files.write(layer, "BZh9".getBytes(StandardCharsets.UTF_8));
        assertThat(verify("old:1").problems())
                .singleElement()
                .asString()
                .startsWith("layer " + id + ".layer: it is packed with bzip2");
    }

    @Test
    void the_whole_repository_is_verified() throws IOException {
        VerifyRepository verify = new VerifyRepository(repository, Progress.none());
        assertThat(verify.images()).allMatch(VerifyRepository.Finding::isGood).hasSize(1);
        assertThat(verify.containers())
                .allMatch(VerifyRepository.Finding::isGood)
                .hasSize(1);

        Files.writeString(container.folder().resolve("container.json"), "{");
        Files.move(container.root(), container.folder().resolve("gone"));
        Files.delete(folder.resolve("repo/repos/lab/x/1/manifest"));

        assertThat(verify.containers().getFirst().problems()).hasSize(2);
        assertThat(verify.images().getFirst().problems()).hasSize(1);
    }

    private VerifyRepository.Finding verify(String image) {
        return new VerifyRepository(repository, Progress.none()).image(ImageReference.parse(image));
    }

    // ---- install

    @Test
    void engines_are_put_under_udockers_names() throws IOException {
        Path proot = Files.writeString(folder.resolve("proot"), "one");
        Path bin = folder.resolve("repo/bin");
        String arch = RepositoryLayout.architecture();
        Path library = Files.writeString(folder.resolve("libx.so"), "library");
        InstallEngines install = new InstallEngines(repository, programs(Optional.of(proot)), List.of(library));

        assertThat(install.install(false, false)).containsExactly("proot-" + arch, "libx.so");
        assertThat(folder.resolve("repo/lib/berth/libx.so")).hasContent("library");
        assertThat(bin.resolve("proot-" + arch)).hasContent("one").isExecutable();
        assertThat(repository.layout().engine("proot")).contains(bin.resolve("proot-" + arch));
        Files.writeString(proot, "two");
        Files.writeString(bin.resolve("other"), "x");
        assertThat(install.install(false, false)).isEmpty();
        assertThat(bin.resolve("proot-" + arch)).hasContent("one");
        assertThat(install.install(true, false)).hasSize(2);
        assertThat(bin.resolve("proot-" + arch)).hasContent("two");
        assertThat(bin.resolve("other")).exists();
        assertThat(install.install(false, true)).hasSize(2);
        assertThat(bin.resolve("other")).doesNotExist();
    }

    @Test
    void without_proot_nothing_is_purged_or_installed() throws IOException {
        Files.writeString(folder.resolve("repo/bin/other"), "x");

        Faults.expect(
                Fault.HOST_UNFIT,
                () -> new InstallEngines(repository, programs(Optional.empty()), List.of()).install(true, true));
        assertThat(folder.resolve("repo/bin/other")).exists();
    }

    private static SequencedMap<String, Optional<Path>> programs(Optional<Path> proot) {
        SequencedMap<String, Optional<Path>> programs = new LinkedHashMap<>();
        programs.put("proot", proot);
        programs.put("crun", Optional.empty());
        return programs;
    }
}
