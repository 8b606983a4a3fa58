package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.files.TreePermissions;
import io.berth.files.UnixStat;
import io.berth.image.json.ManifestJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// With the programs of squashfs-tools, as on a node.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SquashfsTest {
    private static final String CONFIG = "{\"config\":{\"Env\":[\"A=it's\"]}}";

    private final Squashfs squashfs = new Squashfs("/usr/bin:/usr/sbin:/bin");

    @TempDir
    Path folder;

    private Path tree;
    private Path root;
    private Path file;

    @BeforeEach
    void make() throws IOException {
        tree = Files.createDirectories(folder.resolve("the tree"));
        root = Files.createDirectories(folder.resolve("root"));
        file = folder.resolve("it's a file.sqsh");
        Files.createDirectories(tree.resolve("etc"));
        Files.writeString(tree.resolve("etc/file"), "content");
        Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/file"));
    }

    @AfterEach
    void open() {
        TreePermissions.open(root, UnixStat.of(root).uid());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_tree_is_the_same_again_with_what_its_image_says() throws IOException {
        squashfs.pack(tree, CONFIG, file);
        squashfs.unpack(file, root, false);

        assertThat(root.resolve("etc/file")).hasContent("content");
        assertThat(Files.readSymbolicLink(root.resolve("link"))).isEqualTo(Path.of("/etc/file"));
        assertThat(ManifestJson.config(PathImage.configIn(root)).env()).containsExactly("A=it's");
        assertThat(names()).containsExactly("it's a file.sqsh", "root", "the tree");
    }

    @Test
    void what_was_saved_before_is_replaced_and_says_what_the_new_image_says() {
        squashfs.pack(tree, "{}", file);
        squashfs.unpack(file, root, false);
        squashfs.pack(root, CONFIG, file);
        Path second = folder.resolve("second");
        second.toFile().mkdir();

        squashfs.unpack(file, second, false);

        assertThat(PathImage.configIn(second)).isEqualTo(CONFIG);
    }

    @Test
    void a_shared_tree_can_be_written_by_nobody() throws IOException {
        squashfs.pack(tree, CONFIG, file);

        squashfs.unpack(file, root, true);

        try (Stream<Path> all = Files.walk(root)) {
            assertThat(all.filter(path -> !Files.isSymbolicLink(path)))
                    .allMatch(path -> (UnixStat.of(path).mode() & 0222) == 0)
                    .allMatch(path -> (UnixStat.of(path).mode() & 0400) != 0);
        }
    }

    @Test
    void a_cut_file_is_corrupt() throws IOException {
        squashfs.pack(tree, CONFIG, file);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, 100));

        assertThat(Faults.expect(Fault.CORRUPT, () -> squashfs.unpack(file, root, false)))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("unsquashfs answered");
    }

    @Test
    void what_cannot_be_saved_leaves_what_was_there() throws IOException {
        Files.writeString(file, "before");

        Faults.expect(Fault.NOT_ALLOWED, () -> squashfs.pack(folder.resolve("nosuch"), CONFIG, file));

        assertThat(file).hasContent("before");
        assertThat(names()).containsExactly("it's a file.sqsh", "root", "the tree");
    }

    @Test
    void without_the_programs_they_are_named() {
        Squashfs none = new Squashfs(folder.toString());

        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> none.unpack(file, root, false)))
                .hasMessageContaining("looking for unsquashfs");
        assertThat(Faults.expect(Fault.HOST_UNFIT, none::requirePacker)).hasMessageContaining("looking for mksquashfs");
    }

    @Test
    void an_image_of_a_path_is_a_tree_or_such_a_file() throws IOException {
        squashfs.pack(tree, CONFIG, file);
        Path text = Files.writeString(folder.resolve("text"), "x");

        assertThat(PathImage.of(tree).isTree()).isTrue();
        assertThat(PathImage.of(file).isTree()).isFalse();
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> PathImage.of(text)))
                .hasMessageContaining("neither a folder nor a squashfs file");
        Faults.expect(Fault.NOT_FOUND, () -> PathImage.of(folder.resolve("nosuch")));
    }

    @Test
    void a_file_that_is_written_anew_is_another_image() throws IOException {
        squashfs.pack(tree, CONFIG, file);
        var before = PathImage.of(file).identity();

        assertThat(PathImage.of(file).identity()).isEqualTo(before);
        squashfs.pack(tree, CONFIG, file);
        assertThat(PathImage.of(file).identity()).isNotEqualTo(before);
    }

    @Test
    void enroots_variables_are_the_images_and_links_are_not_followed_out() throws IOException {
        Files.writeString(tree.resolve("etc/environment"), "# x\nA=1\nnot a variable\nB=\n");
        assertThat(ManifestJson.config(PathImage.configIn(tree)).env()).containsExactly("A=1", "B=");

        Files.delete(tree.resolve("etc/environment"));
        Files.createSymbolicLink(tree.resolve("etc/environment"), Path.of("/etc/environment"));
        Files.createSymbolicLink(tree.resolve(".berth-image.json"), Path.of("/etc/passwd"));
        assertThat(ManifestJson.config(PathImage.configIn(tree)).env()).isEmpty();
    }

    @Test
    void where_a_step_cannot_be_saved_is_known_before_it_starts() {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> SaveStep.requireTarget(folder)))
                .hasMessageContaining("it is a folder");
        Faults.expect(Fault.NOT_ALLOWED, () -> SaveStep.requireTarget(folder.resolve("nosuch/x")));
        Faults.expect(Fault.BAD_INPUT, () -> SaveStep.requireTarget(Path.of("x")));
        SaveStep.requireTarget(folder.resolve("x"));
    }

    @Test
    void of_the_ranks_in_a_list_one_that_lives_is_enough() throws IOException {
        long pid = ProcessHandle.current().pid();
        String stat = Files.readString(Path.of("/proc/self/stat"));
        String started = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];

        assertThat(RunningRanks.live(folder, "3")).isFalse();
        Files.writeString(folder.resolve("3.members"), "1 1\nbroken\n" + pid + " 1\n");
        assertThat(RunningRanks.live(folder, "3")).isFalse();
        Files.writeString(folder.resolve("3.members"), "1 1\n" + pid + " " + started + "\n");
        assertThat(RunningRanks.live(folder, "3")).isTrue();
    }

    @Test
    void an_unpacker_that_is_killed_does_not_blame_the_file(@TempDir Path bin) throws IOException {
        Path program = Files.writeString(bin.resolve("unsquashfs"), "#!/bin/sh\nkill -TERM $$\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();

        assertThatThrownBy(() -> new Squashfs(bin.toString()).unpack(bin.resolve("file"), bin, true))
                .hasMessageContaining("unsquashfs was ended by signal 15");
    }
}
