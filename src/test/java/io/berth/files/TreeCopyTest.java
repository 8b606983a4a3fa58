package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TreeCopyTest {
    @TempDir
    Path folder;

    /// A line for each file: name, mode, time, target or size.
    private static List<String> listing(Path tree) throws IOException {
        try (Stream<Path> walk = Files.walk(tree)) {
            return walk.filter(path -> !path.equals(tree))
                    .map(path -> {
                        try {
                            return tree.relativize(path) + " "
                                    + Files.readAttributes(
                                            path,
                                            "unix:mode,nlink,lastModifiedTime,size",
                                            java.nio.file.LinkOption.NOFOLLOW_LINKS)
                                    + (Files.isSymbolicLink(path) ? Files.readSymbolicLink(path) : "");
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    })
                    .map(line -> line.replaceAll("size=4096", "size=folder"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_copy_is_like_its_original() throws IOException {
        Path from = folder.resolve("from");
        Files.createDirectories(from.resolve("a/b"));
        Files.writeString(from.resolve("a/file"), "text");
        Files.createLink(from.resolve("a/b/second"), from.resolve("a/file"));
        Files.createLink(from.resolve("third"), from.resolve("a/file"));
        Files.createSymbolicLink(from.resolve("a/link"), Path.of("../nowhere"));
        Files.createSymbolicLink(from.resolve("a/absolute"), Path.of("/etc/passwd"));
        Files.setAttribute(from.resolve("a/file"), "unix:mode", 0751);
        for (Path path : List.of(from.resolve("a/file"), from.resolve("a/b"), from.resolve("a"))) {
            Files.setLastModifiedTime(path, FileTime.from(Instant.ofEpochSecond(1_000_000_000)));
        }
        Files.setAttribute(from.resolve("a/b"), "unix:mode", 01555);
        Path to = Files.createDirectory(folder.resolve("to"));

        TreeCopy.copy(from, to, _ -> true, _ -> {});

        assertThat(listing(to)).isEqualTo(listing(from));
        assertThat(to.resolve("a/file")).hasContent("text");
        assertThat(Files.isSameFile(to.resolve("third"), to.resolve("a/b/second")))
                .isTrue();
        assertThat(Files.isSameFile(to.resolve("third"), from.resolve("third"))).isFalse();
        TreeRemoval.remove(from);
        TreeRemoval.remove(to);
    }

    @Test
    void what_is_not_wanted_of_the_top_is_left_out() throws IOException {
        Files.createDirectories(folder.resolve("from/keep/lease"));
        Files.writeString(folder.resolve("from/lease"), "x");
        Path to = Files.createDirectory(folder.resolve("to"));

        TreeCopy.copy(folder.resolve("from"), to, entry -> !entry.endsWith("lease"), _ -> {});

        assertThat(to.resolve("keep/lease")).exists();
        assertThat(to.resolve("lease")).doesNotExist();
    }

    @Test
    void a_wide_tree_is_copied_whole() throws IOException {
        for (int i = 0; i < 300; i++) {
            Path deep = Files.createDirectories(folder.resolve("from/d" + i % 30 + "/e" + i));
            Files.writeString(deep.resolve("f"), "x".repeat(i));
        }
        Path to = Files.createDirectory(folder.resolve("to"));

        TreeCopy.copy(folder.resolve("from"), to, _ -> true, _ -> {});

        assertThat(listing(to)).isEqualTo(listing(folder.resolve("from"))).hasSize(630);
    }

    @Test
    void a_fault_of_the_file_system_is_told() throws IOException {
        Files.createDirectories(folder.resolve("from/a"));
        Files.writeString(folder.resolve("from/a/f"), "x");
        Path to = folder.resolve("to");
        Files.createDirectories(to.resolve("a/f"));

        assertThat(Faults.expect(
                        Fault.UNREACHABLE, () -> TreeCopy.copy(folder.resolve("from"), to, _ -> true, _ -> {})))
                .hasMessageContaining("copying")
                .hasMessageContaining("exists already");
    }

    @Test
    void an_interruption_stops_it() throws IOException {
        for (int i = 0; i < 200; i++) {
            Files.writeString(
                    Files.createDirectories(folder.resolve("from/d" + i)).resolve("f"), "x");
        }
        Path to = Files.createDirectory(folder.resolve("to"));
        Thread.currentThread().interrupt();

        Faults.expect(Fault.INTERRUPTED, () -> TreeCopy.copy(folder.resolve("from"), to, _ -> true, _ -> {}));
        assertThat(Thread.interrupted()).isTrue();
    }
}
