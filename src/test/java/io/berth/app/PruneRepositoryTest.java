package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.StoredImageFixture;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.UnixStat;
import io.berth.image.ImageReference;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.LaunchPlan;
import io.berth.process.RunRecords;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PruneRepositoryTest {
    private static final LaunchPlan.Owner HERE = new LaunchPlan.Owner(uid(), "boot", "node1");
    private static final PruneRepository.Request CONTAINERS = new PruneRepository.Request(true, false);
    private static final PruneRepository.Request ALL = new PruneRepository.Request(true, true);
    private static final PruneRepository.Request REMAINS = new PruneRepository.Request(false, false);

    @TempDir
    Path folder;

    private static long uid() {
        return UnixStat.of(Path.of("/proc/self")).uid();
    }

    private Repository repository;
    private PruneRepository prune;

    @BeforeEach
    void open() throws IOException {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(60));
        prune = new PruneRepository(repository, HERE);
        image("lab/x:1", "a=1", "b=2");
    }

    private void image(String name, String... files) throws IOException {
        StoredImageFixture.of(name, files).in(repository);
        ImageReference reference = ImageReference.parse(name);
        age(
                repository
                        .layout()
                        .images()
                        .resolve(reference.name())
                        .resolve(reference.tagOrDigest())
                        .resolve("TAG"),
                Duration.ofDays(2));
    }

    private Container container(Optional<String> name) throws IOException {
        StoredImage image =
                repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();
        Container made = new CreateContainer(repository, new LayerUnpacker(), UnpackOptions.writable(), Progress.none())
                .create(new CreateContainer.Request(image, name))
                .container();
        age(made.folder().resolve("imagerepo.name"), Duration.ofHours(1));
        return made;
    }

    private static void age(Path file, Duration age) throws IOException {
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
    }

    private List<String> names(PruneRepository.Request request) {
        return prune.find(request).stream().map(PruneRepository.Item::name).toList();
    }

    @Test
    void a_container_without_a_name_is_spare() throws IOException {
        Container spare = container(Optional.empty());

        assertThat(prune.find(CONTAINERS)).singleElement().satisfies(item -> {
            assertThat(item.name()).isEqualTo(spare.id());
            assertThat(item.note()).isEqualTo("lab/x:1");
            assertThat(item.bytes()).isPositive();
            assertThat(prune.remove(item)).isTrue();
        });
        assertThat(spare.folder()).doesNotExist();
        assertThat(repository.images().list()).containsExactly("lab/x:1");
    }

    @Test
    void what_is_named_protected_running_or_new_is_not() throws IOException {
        container(Optional.of("named"));
        Files.createFile(container(Optional.empty()).folder().resolve("PROTECT"));
        assertThat(new RunRecords(container(Optional.empty()).folder().resolve(".berth/runs"), HERE)
                        .begin("R1", List.of()))
                .isPresent();
        age(container(Optional.empty()).folder().resolve("imagerepo.name"), Duration.ZERO);

        assertThat(names(CONTAINERS)).isEmpty();
    }

    @Test
    void a_container_that_udocker_runs_is_told_by_its_processes() throws IOException, InterruptedException {
        Container runs = container(Optional.empty());
        Process process = new ProcessBuilder(
                        "sh", "-c", "read x", "proot", "-r", runs.root().toString())
                .start();
        try {
            assertThat(names(CONTAINERS)).isEmpty();
        } finally {
            process.destroy();
            process.waitFor();
        }
        assertThat(names(CONTAINERS)).containsExactly(runs.id());
    }

    @Test
    void what_becomes_needed_after_the_question_stays() throws IOException {
        Container later = container(Optional.empty());
        List<PruneRepository.Item> items = prune.find(CONTAINERS);
        repository.containers().name(later.id(), "mine");

        assertThat(prune.remove(items.getFirst())).isFalse();

        assertThat(later.folder()).exists();
    }

    @Test
    void an_image_is_spare_when_no_container_that_stays_was_made_of_it() throws IOException {
        container(Optional.of("named"));
        image("lab/y:1", "b=2", "c=3");
        image("lab/z:1", "d=4");
        repository.images().protect(ImageReference.parse("lab/z:1"), true);

        assertThat(names(ALL)).containsExactly("lab/y:1");
        assertThat(names(CONTAINERS)).isEmpty();

        prune.find(ALL).forEach(prune::remove);
        assertThat(repository.images().list()).containsExactly("lab/x:1", "lab/z:1");
        assertThat(repository.images().find(ImageReference.parse("lab/x:1")))
                .as("blobs that it shares are kept")
                .isPresent();
    }

    @Test
    void what_goes_with_its_container_is_spare_too() throws IOException {
        Container spare = container(Optional.empty());

        assertThat(names(ALL)).containsExactly(spare.id(), "lab/x:1");
        prune.find(ALL).forEach(item -> assertThat(prune.remove(item)).isTrue());

        assertThat(Folders.list(repository.layout().layers())).isEmpty();
        assertThat(prune.find(ALL)).isEmpty();
    }

    @Test
    void what_interrupted_commands_left_is_taken_when_nobody_can_be_at_work_on_it() throws IOException {
        Path blob = Files.writeString(repository.layout().layers().resolve("sha256:" + "0".repeat(64)), "left");
        Path part = Files.writeString(repository.layout().layers().resolve(".sha256:1.part"), "half");
        Path draft = Files.createDirectories(repository.layout().containers().resolve(".draft-1"));
        assertThat(prune.find(REMAINS)).as("all are young").isEmpty();
        for (Path old : List.of(blob, part, draft)) {
            age(old, Duration.ofDays(2));
        }

        assertThat(names(REMAINS)).containsExactlyInAnyOrder("sha256:" + "0".repeat(64), ".sha256:1.part", ".draft-1");
        try (LockFile lease = LockFile.tryAcquire(draft.resolve("lease")).orElseThrow()) {
            age(draft, Duration.ofDays(2));
            prune.find(REMAINS).forEach(prune::remove);
            assertThat(lease).isNotNull();
        }

        assertThat(blob).doesNotExist();
        assertThat(part).doesNotExist();
        assertThat(draft).as("its maker lives").exists();
        assertThat(repository.images().find(ImageReference.parse("lab/x:1"))).isPresent();
    }

    @Test
    void what_earlier_boots_of_this_machine_found_out_goes() throws IOException {
        Path own = Folders.make(repository.layout().own());
        Path past = Files.writeString(own.resolve(".trial-000000000001"), "an earlier one node1\n");
        Files.writeString(own.resolve(".trial-000000000002"), "boot node1\n");
        Files.writeString(own.resolve(".trial-000000000003"), "an earlier one node2\n");

        assertThat(prune.find(REMAINS)).extracting(PruneRepository.Item::place).containsExactly(past);
    }
}
