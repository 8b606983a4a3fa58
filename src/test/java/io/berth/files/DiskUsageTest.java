package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class DiskUsageTest {
    @TempDir
    Path folder;

    @Test
    void files_count_in_blocks_and_once_however_many_names_they_have() throws IOException {
        long empty = DiskUsage.bytes(folder);
        Files.write(folder.resolve("a"), new byte[5000]);
        Files.createLink(folder.resolve("b"), folder.resolve("a"));
        Files.createSymbolicLink(folder.resolve("c"), Path.of("a"));
        Files.write(folder.resolve("d"), new byte[1]);

        assertThat(DiskUsage.bytes(folder) - empty).isEqualTo(3 * 4096);
    }

    @Test
    void links_are_not_followed() throws IOException {
        Path tree = Files.createDirectory(folder.resolve("tree"));
        Files.write(folder.resolve("big"), new byte[1 << 20]);
        long before = DiskUsage.bytes(tree);
        Files.createSymbolicLink(tree.resolve("out"), folder);

        assertThat(DiskUsage.bytes(tree)).isEqualTo(before);
    }
}
