package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FoldersTest {
    @TempDir
    Path folder;

    private Path place;
    private long uid;

    @BeforeEach
    void ask_who_we_are() {
        place = folder.resolve("berth");
        uid = UnixStat.of(folder).uid();
    }

    @Test
    void a_private_folder_is_made_for_its_owner_alone_and_accepted_again() throws IOException {
        Folders.makePrivate(place, uid);
        Folders.makePrivate(place, uid);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(place)))
                .isEqualTo("rwx------");
    }

    @Test
    void a_folder_of_somebody_else_is_refused() {
        Folders.makePrivate(place, uid);

        assertThat(Faults.expect(Fault.NOT_ALLOWED, () -> Folders.makePrivate(place, uid + 1)))
                .hasMessageContaining(place.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-", "rwxrwxrwx"})
    void a_folder_that_others_can_write_is_refused(String permissions) throws IOException {
        Files.createDirectory(place);
        Files.setPosixFilePermissions(place, PosixFilePermissions.fromString(permissions));

        Faults.expect(Fault.NOT_ALLOWED, () -> Folders.makePrivate(place, uid));
    }

    @Test
    void a_link_is_refused_even_to_a_good_folder() throws IOException {
        Path good = Folders.makePrivate(folder.resolve("good"), uid);
        Files.createSymbolicLink(place, good);

        Faults.expect(Fault.NOT_ALLOWED, () -> Folders.makePrivate(place, uid));
    }

    @Test
    void a_file_and_a_dangling_link_are_refused() throws IOException {
        Files.createFile(place);
        Faults.expect(Fault.NOT_ALLOWED, () -> Folders.makePrivate(place, uid));

        Files.delete(place);
        Files.createSymbolicLink(place, folder.resolve("nowhere"));
        Faults.expect(Fault.NOT_ALLOWED, () -> Folders.makePrivate(place, uid));
        assertThat(folder.resolve("nowhere")).doesNotExist();
    }

    @Test
    void a_parent_is_not_made() {
        Faults.expect(Fault.NOT_FOUND, () -> Folders.makePrivate(place.resolve("deeper"), uid));
    }

    @Test
    void a_list_is_sorted_and_that_of_nothing_is_empty() throws IOException {
        Files.createFile(folder.resolve("b"));
        Files.createFile(folder.resolve("a"));

        assertThat(Folders.list(folder)).containsExactly(folder.resolve("a"), folder.resolve("b"));
        assertThat(Folders.list(place)).isEmpty();
    }

    @Test
    void only_an_empty_folder_is_removed() throws IOException {
        Files.createDirectories(place.resolve("full"));

        Folders.removeIfEmpty(place);
        assertThat(place).exists();

        Folders.removeIfEmpty(place.resolve("full"));
        Folders.removeIfEmpty(place);
        Folders.removeIfEmpty(place);
        assertThat(place).doesNotExist();
    }

    @Test
    void a_tree_is_removed_with_what_is_read_only_but_not_what_links_lead_to() throws IOException {
        Path outside = Files.writeString(folder.resolve("outside"), "kept");
        Path deep = Files.createDirectories(place.resolve("a/b"));
        Files.writeString(deep.resolve("file"), "x");
        Files.createSymbolicLink(deep.resolve("link"), outside);
        Files.createSymbolicLink(deep.resolve("up"), folder);
        Files.setPosixFilePermissions(deep, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(deep.getParent(), PosixFilePermissions.fromString("r-x------"));

        TreeRemoval.remove(place);
        TreeRemoval.remove(place);

        assertThat(place).doesNotExist();
        assertThat(outside).hasContent("kept");
    }

    @Test
    void a_link_to_a_tree_is_removed_alone() throws IOException {
        Path tree = Files.createDirectories(folder.resolve("tree/inner"));
        Path link = Files.createSymbolicLink(place, tree.getParent());

        TreeRemoval.remove(link);

        assertThat(tree).exists();
        assertThat(Files.exists(link, java.nio.file.LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void of_a_long_folder_no_more_is_read_than_is_wanted() throws IOException {
        for (String name : List.of("a", "b", "c")) {
            Files.createFile(folder.resolve(name));
        }

        assertThat(Folders.entries(folder, 2)).hasSize(2);
        assertThat(Folders.entries(folder, 0)).isEmpty();
        assertThat(Folders.entries(folder)).hasSize(3);
    }
}
