package io.berth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.SecondJvm;
import io.berth.fake.StoredImageFixture;
import io.berth.fault.Fault;
import io.berth.files.Folders;
import io.berth.image.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ContainerStoreTest {
    @TempDir
    Path folder;

    private ContainerStore containers;
    private StoredImage image;

    @BeforeEach
    void open() {
        Repository repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(60));
        containers = repository.containers();
        StoredImageFixture.of("lab/x:1", "a=1").in(repository);
        image = repository.images().find(ImageReference.parse("lab/x:1")).orElseThrow();
    }

    private Container make(String... names) {
        Container container = containers.publish(
                containers.draft(), image, names.length == 0 ? Optional.empty() : Optional.of(names[0]));
        for (int i = 1; i < names.length; i++) {
            containers.name(container.id(), names[i]);
        }
        return container;
    }

    /// Makes a draft, says so, and stays.
    static final class Maker {
        private Maker() {}

        public static void main(String[] args) throws InterruptedException {
            Repository repository = Repository.open(RepositoryLayout.under(Path.of(args[0])), Duration.ZERO);
            System.out.println(repository.containers().draft().folder());
            Thread.sleep(Duration.ofMinutes(5));
        }
    }

    private static void makeOld(Path draft) throws IOException {
        Files.setLastModifiedTime(draft, FileTime.from(Instant.now().minusSeconds(60)));
    }

    @Test
    void a_draft_is_no_container_until_it_is_published() throws IOException {
        ContainerDraft draft = containers.draft();
        Files.writeString(draft.root().resolve("file"), "x");
        assertThat(containers.list()).isEmpty();
        assertThat(containers.find(draft.id())).isEmpty();

        Container container = containers.publish(draft, image, Optional.of("one"));

        assertThat(containers.list()).containsExactly(container);
        assertThat(container.root().resolve("file")).hasContent("x");
        assertThat(draft.folder()).doesNotExist();
    }

    @Test
    void a_container_lies_as_udocker_lays_it() throws IOException {
        Container container = make("one");

        assertThat(container.folder()).isEqualTo(folder.resolve("containers").resolve(container.id()));
        assertThat(Folders.list(container.folder()))
                .extracting(file -> file.getFileName().toString())
                .containsExactly("ROOT", "container.json", "imagerepo.name");
        assertThat(container.folder().resolve("imagerepo.name")).content().isEqualTo("lab/x:1");
        assertThat(container.folder().resolve("container.json")).content().isEqualTo(image.configJson());
        assertThat(Files.readSymbolicLink(folder.resolve("containers/one"))).isEqualTo(Path.of(container.id()));
        assertThat(container.id()).matches("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    }

    @Test
    void a_container_is_found_by_its_id_and_by_each_name() {
        Container container = make("one", "two");
        make();

        assertThat(containers.find(container.id())).contains(container);
        assertThat(containers.find("one")).contains(container);
        assertThat(containers.find("two")).contains(container);
        assertThat(containers.namesOf(container)).containsExactly("one", "two");
        assertThat(containers.list()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../containers/one", "other", ".draft-x", "/etc", "file"})
    void what_is_no_container_is_not_found(String word) throws IOException {
        make("one");
        Files.createFile(folder.resolve("containers/file"));

        assertThat(containers.find(word)).isEmpty();
    }

    @Test
    void a_name_without_its_container_is_not_found() throws IOException {
        Files.createSymbolicLink(folder.resolve("containers/lost"), Path.of("a-b-c-d-e"));
        Files.createSymbolicLink(folder.resolve("containers/out"), Path.of("/etc"));

        assertThat(containers.find("lost")).isEmpty();
        assertThat(containers.find("out")).isEmpty();
        assertThat(containers.list()).isEmpty();
    }

    @Test
    void a_container_of_udocker_with_less_in_it_is_read() throws IOException {
        Files.createDirectories(folder.resolve("containers/abc-1-2-3-x4/ROOT"));

        Container container = containers.find("abc-1-2-3-x4").orElseThrow();

        assertThat(container.configJson()).isEqualTo("{}");
        assertThat(container.image()).isEmpty();
        assertThat(containers.list()).containsExactly(container);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a.b", "a b", "[x", "x]", "-x", "a\tb", "a-b-c-d-e"})
    void a_malformed_name_is_refused(String name) {
        Faults.expect(Fault.BAD_INPUT, () -> containers.checkName(name));
        Container container = make();
        Faults.expect(Fault.BAD_INPUT, () -> containers.name(container.id(), name));
    }

    @Test
    void a_name_is_at_most_2048_long() {
        containers.checkName("n".repeat(2048));
        Faults.expect(Fault.BAD_INPUT, () -> containers.checkName("n".repeat(2049)));
    }

    @Test
    void a_name_that_is_taken_is_refused_and_stays_where_it_was() throws IOException {
        Container first = make("one");
        Container second = make();

        Faults.expect(Fault.BUSY, () -> containers.name(second.id(), "one"));
        assertThat(containers.find("one")).contains(first);
    }

    @Test
    void a_name_whose_container_is_gone_is_free_again() throws IOException {
        Files.createSymbolicLink(folder.resolve("containers/lost"), Path.of("a-b-c-d-e"));

        Container container = make("lost");

        assertThat(containers.find("lost")).contains(container);
    }

    @Test
    void a_draft_is_closed_to_others_and_its_container_is_not() throws IOException {
        ContainerDraft draft = containers.draft();
        assertThat(Files.getPosixFilePermissions(draft.folder()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));

        Container container = containers.publish(draft, image, Optional.empty());

        assertThat(Files.getPosixFilePermissions(container.folder()))
                .isEqualTo(Files.getPosixFilePermissions(Files.createDirectory(folder.resolve("as-the-umask-gives"))));
    }

    @Test
    void a_removed_container_takes_its_names_along_and_no_others() {
        Container gone = make("one", "two");
        Container stays = make("three");

        containers.remove(gone);

        assertThat(Folders.list(folder.resolve("containers")))
                .extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrder(stays.id(), "three");
    }

    @Test
    void a_protected_container_stays_whole() throws IOException {
        Container container = make("one");
        Files.createFile(container.folder().resolve("PROTECT"));

        assertThat(containers.isProtected(container)).isTrue();
        Faults.expect(Fault.NOT_ALLOWED, () -> containers.remove(container));
        assertThat(containers.find("one")).contains(container);
        assertThat(container.root()).exists();
        assertThat(containers.isProtected(make())).isFalse();
    }

    @Test
    void a_discarded_draft_leaves_nothing() {
        containers.discard(containers.draft());

        assertThat(Folders.list(folder.resolve("containers"))).isEmpty();
    }

    @Test
    void a_draft_whose_maker_was_killed_is_swept_and_one_whose_maker_works_is_not() throws Exception {
        try (SecondJvm maker = SecondJvm.start(Maker.class, folder.toString())) {
            Path draft = Path.of(maker.line());
            makeOld(draft);
            containers.discard(containers.draft());
            assertThat(draft).exists();

            maker.kill();
            makeOld(draft);
            containers.discard(containers.draft());
            assertThat(draft).doesNotExist();
        }
    }

    @Test
    void a_young_draft_is_left_alone_since_its_lease_may_come_next() {
        Path young = Folders.make(folder.resolve("containers/.draft-young/ROOT"));

        containers.discard(containers.draft());

        assertThat(young).exists();
    }

    @Test
    void what_cannot_be_swept_hinders_nobody() throws IOException {
        // a lease that cannot be opened, as in somebody else's draft
        Path strange = folder.resolve("containers/.draft-strange");
        Files.createDirectories(strange.resolve("lease/x"));
        makeOld(strange);

        assertThat(make().root()).exists();
        assertThat(strange).exists();
    }
}
