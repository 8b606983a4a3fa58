package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeRemovalTest {
    @TempDir
    Path folder;

    @Test
    void removes_closed_folders_and_spares_what_links_point_to() throws IOException {
        Path kept = Files.createDirectories(folder.resolve("kept"));
        Files.writeString(kept.resolve("a"), "A");
        Path tree = Files.createDirectories(folder.resolve("tree"));
        Path closed = Files.createDirectories(tree.resolve("x/y"));
        Files.writeString(closed.resolve("b"), "B");
        Files.createSymbolicLink(tree.resolve("l"), kept);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("---------"));
        Files.setPosixFilePermissions(tree.resolve("x"), PosixFilePermissions.fromString("r-xr-xr-x"));
        TreeRemoval.remove(tree);
        assertThat(tree).doesNotExist();
        assertThat(kept.resolve("a")).hasContent("A");
    }

    @Test
    void removes_a_file_a_link_and_nothing() throws IOException {
        Path file = Files.writeString(folder.resolve("f"), "F");
        Path link = Files.createSymbolicLink(folder.resolve("l"), file);
        TreeRemoval.remove(link);
        assertThat(file).exists();
        TreeRemoval.remove(file);
        TreeRemoval.remove(file);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void removes_wide_and_deep_trees() throws IOException {
        Path tree = folder.resolve("tree");
        for (int i = 0; i < 40; i++) {
            Path deep = tree.resolve("a" + i + "/b/c/d/e/f/g/h");
            Files.createDirectories(deep);
            for (int j = 0; j < 20; j++) {
                Files.writeString(deep.resolve("f" + j), "x");
            }
        }
        TreeRemoval.remove(tree);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void two_may_remove_one_tree() throws Exception {
        for (int round = 0; round < 10; round++) {
            Path tree = folder.resolve("tree");
            for (int i = 0; i < 200; i++) {
                Files.createDirectories(tree.resolve("a" + i % 20 + "/b" + i));
            }
            Thread other = Thread.ofPlatform().start(() -> TreeRemoval.remove(tree));
            TreeRemoval.remove(tree);
            other.join();
            assertThat(folder).isEmptyDirectory();
        }
    }
}
