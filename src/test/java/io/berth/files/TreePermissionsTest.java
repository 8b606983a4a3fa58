package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TreePermissionsTest {
    @TempDir
    Path folder;

    private static int mode(Path path) {
        return UnixStat.of(path).mode() & 07777;
    }

    @Test
    void what_is_closed_to_its_owner_is_opened_and_nothing_else_changes() throws IOException {
        Path kept = Files.writeString(folder.resolve("kept"), "x");
        Files.setAttribute(kept, "unix:mode", 0444);
        Path tree = folder.resolve("tree");
        Files.createDirectories(tree.resolve("a"));
        Path file = Files.writeString(tree.resolve("a/f"), "x");
        Files.createSymbolicLink(tree.resolve("a/out"), kept);
        Files.setAttribute(file, "unix:mode", 0104);
        Files.setAttribute(tree.resolve("a"), "unix:mode", 0055);

        TreePermissions.open(tree, UnixStat.of(folder).uid());

        assertThat(mode(tree.resolve("a"))).isEqualTo(0755);
        assertThat(mode(file)).isEqualTo(0704);
        assertThat(mode(kept)).isEqualTo(0444);
    }

    @Test
    void what_belongs_to_others_is_told() throws IOException {
        Files.writeString(folder.resolve("f"), "x");

        assertThat(Faults.expect(
                        Fault.NOT_ALLOWED,
                        () -> TreePermissions.open(folder, UnixStat.of(folder).uid() + 1)))
                .hasMessageContaining("1 files belong to other users");
    }
}
