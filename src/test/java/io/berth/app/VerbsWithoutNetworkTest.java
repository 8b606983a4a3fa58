package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.batch.Resources;
import io.berth.fake.Faults;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.files.Folders;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackLimits;
import io.berth.layer.UnpackOptions;
import io.berth.progress.Progress;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Credentials;
import io.berth.stage.StageOptions;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the verbs do when no registry answers: port 1 of loopback, where nobody listens.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VerbsWithoutNetworkTest {
    @TempDir
    Path folder;

    private Repository repository;
    private RegistryClient registry;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder.resolve("repo")), Duration.ofSeconds(60));
        registry = new RegistryClient(
                new RegistryOptions(
                        "http://127.0.0.1:1",
                        new LinkedHashMap<>(),
                        new LinkedHashSet<>(),
                        false,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        1),
                Credentials.none());
    }

    private StoredImage pull(ImageReference reference) {
        return new PullImage(registry, repository, Progress.none())
                .pull(new PullImage.Request(reference, Platform.host()));
    }

    private CreateContainer createContainer() {
        return new CreateContainer(
                repository,
                new LayerUnpacker(),
                new UnpackOptions(false, false, UnpackLimits.defaults()),
                Progress.none());
    }

    private String script(String image) {
        return new WriteJobScript(
                        new PinImage(registry, repository, _ -> Optional.empty(), "https://r.example.org"),
                        new CheckJob(registry, repository),
                        new StageOptions(Path.of("/scratch"), Duration.ZERO),
                        "slurm",
                        Path.of("/opt/berth"),
                        "1.2.3")
                .write(new WriteJobScript.Request(
                        Optional.empty(),
                        ImageReference.parse(image),
                        Resources.of(List.of("--nodes=2")),
                        Optional.of("pmi2"),
                        List.of(),
                        List.of(),
                        List.of("x")))
                .text();
    }

    @Test
    void a_pinned_image_that_is_here_is_pulled_without_a_registry() {
        StoredImageFixture pinned =
                StoredImageFixture.of("lab/x:1", "a=1").pinned().in(repository);

        assertThat(pull(pinned.image().reference()).digest())
                .isEqualTo(pinned.image().digest());
    }

    @Test
    void a_tag_is_asked_for_again_since_it_may_have_moved() {
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);

        Faults.expect(Fault.UNREACHABLE, () -> pull(ImageReference.parse("lab/x:1")));
    }

    @Test
    void a_pinned_image_that_is_damaged_here_is_not_taken_for_whole() throws IOException {
        StoredImageFixture pinned =
                StoredImageFixture.of("lab/x:1", "a=1").pinned().in(repository);
        Path blob = repository
                .blobs()
                .file(pinned.image().manifest().layersOldestFirst().getFirst());

        Files.writeString(blob, "short");
        Faults.expect(Fault.UNREACHABLE, () -> pull(pinned.image().reference()));

        Files.delete(blob);
        Faults.expect(Fault.UNREACHABLE, () -> pull(pinned.image().reference()));
    }

    @Test
    void a_container_has_the_files_of_all_layers() {
        StoredImageFixture.of("lab/x:1", "etc=old", "etc=new", "b=2").in(repository);
        StoredImage image =
                repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();

        Container container = createContainer()
                .create(new CreateContainer.Request(image, Optional.of("one")))
                .container();

        assertThat(container.root().resolve("etc")).hasContent("new");
        assertThat(container.root().resolve("b")).hasContent("2");
        assertThat(repository.containers().find("one")).contains(container);
        assertThat(container.image()).isEqualTo("lab/x:1");
    }

    @Test
    void a_container_that_cannot_be_unpacked_leaves_nothing() throws IOException {
        StoredImageFixture fixture =
                StoredImageFixture.of("lab/x:1", "a=1", "b=2").in(repository);
        StoredImage image =
                repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();
        Path blob = repository
                .blobs()
                .file(fixture.image().manifest().layersOldestFirst().getLast());
        byte[] bytes = Files.readAllBytes(blob);
        bytes[bytes.length / 2]++;
        Files.write(blob, bytes);

        Faults.expect(
                Fault.CORRUPT, () -> createContainer().create(new CreateContainer.Request(image, Optional.of("one"))));

        assertThat(Folders.list(repository.layout().containers())).isEmpty();
    }

    @Test
    void a_name_that_is_taken_is_refused_before_the_work() {
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        StoredImage image =
                repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();
        createContainer().create(new CreateContainer.Request(image, Optional.of("one")));

        Faults.expect(
                Fault.BUSY, () -> createContainer().create(new CreateContainer.Request(image, Optional.of("one"))));

        assertThat(repository.containers().list()).hasSize(1);
    }

    @Test
    void a_job_is_pinned_to_what_is_here_when_no_registry_answers() {
        StoredImageFixture fixture = StoredImageFixture.of("lab/x:1", "a=1").in(repository);

        String script = script("lab/x:1");

        ImageReference pinned = fixture.pinned().image().reference();
        assertThat(script)
                .contains("image=" + pinned + "\n")
                .contains("for lab/x:1\n")
                .contains("node_dir=/scratch\n")
                .contains("#SBATCH --nodes=2\n");
        assertThat(pull(pinned).digest())
                .as("the job finds it")
                .isEqualTo(fixture.image().digest());
    }

    @Test
    void a_pinned_job_asks_nobody() {
        ImageReference pinned = ImageReference.parse("lab/x").withDigest(Digest.sha256Of(new byte[0]));

        assertThat(script(pinned.toString())).contains("image=" + pinned + "\n");
    }

    @Test
    void a_job_of_an_image_that_is_nowhere_is_refused() {
        Faults.expect(Fault.UNREACHABLE, () -> script("lab/nowhere:1"));
    }
}
