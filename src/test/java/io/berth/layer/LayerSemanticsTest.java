package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.berth.progress.Progress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// What stacks of layers come to. Modes assume the umask 022, which the listing would show otherwise.
class LayerSemanticsTest {
    private record Case(String name, List<ArchiveFixture> layers, List<String> tree) {}

    @TempDir
    Path folder;

    private static ArchiveFixture tar() {
        return new ArchiveFixture();
    }

    private static ArchiveFixture base() {
        return tar().folder("d").file("d/a", "A").file("d/b", "B").file("c", "C");
    }

    private static Case stack(String name, List<String> tree, ArchiveFixture... layers) {
        return new Case(name, List.of(layers), tree);
    }

    @TestFactory
    Stream<DynamicTest> stacks_of_layers_come_to_these_trees() {
        return Stream.of(plain(), whiteouts(), replacements(), links(), names())
                .flatMap(List::stream)
                .map(one -> dynamicTest(one.name(), () -> check(one)));
    }

    private void check(Case one) throws Exception {
        Path root = Files.createTempDirectory(folder, "tree");
        List<LayerFile> layers = one.layers().stream()
                .map(archive -> ArchiveFixture.layer(folder, archive.plain()))
                .toList();
        new LayerUnpacker().unpack(layers, root, UnpackOptions.writable(), Progress.none());
        assertThat(TreeListing.of(root)).isEqualTo(one.tree());
    }

    private static List<Case> plain() {
        String text = "x".repeat(300_000);
        return List.of(
                stack("an empty archive", List.of(), tar()),
                stack("a file", List.of("file a 644 A"), tar().file("a", "A")),
                stack("an empty file", List.of("file a 644"), tar().file("a", "")),
                stack(
                        "a large file",
                        List.of("file a 644 300000:" + Arrays.hashCode(text.getBytes(StandardCharsets.UTF_8))),
                        tar().file("a", text)),
                stack(
                        "parents nobody named",
                        List.of("dir a 755", "dir a/b 755", "file a/b/c 644 C"),
                        tar().file("a/b/c", "C")),
                stack("setuid is dropped, execution stays", List.of("file a 755 A"), tar().file("a", 06755, "A")),
                stack(
                        "the owner always reads and writes",
                        List.of("dir d 700", "file d/a 600 A"),
                        tar().folder("d", 0).file("d/a", 0, "A")),
                stack("sticky folders stay sticky", List.of("dir tmp 1755"), tar().folder("tmp", 01777)),
                stack("sticky files stay sticky", List.of("file a 1644 A"), tar().file("a", 01644, "A")),
                stack(
                        "a folder by its slash, as before ustar",
                        List.of("dir a 755"),
                        tar().add("a/", '\0', 0755, "", new byte[0])),
                stack("a contiguous file", List.of("file a 644 A"), tar().add("a", '7', 0644, "", new byte[] {'A'})),
                stack(
                        "a folder's later mode counts",
                        List.of("dir a 750", "file a/b 644 B"),
                        tar().folder("a").file("a/b", "B"),
                        tar().folder("a", 0750)),
                stack(
                        "a folder closed to writing is still filled by later layers",
                        List.of("dir a 755", "file a/b 644 B"),
                        tar().folder("a", 0555),
                        tar().file("a/b", "B")),
                stack(
                        "the root entry",
                        List.of("file a 644 A"),
                        tar().folder("./").file("./a", "A")),
                stack(
                        "folders named dev are kept",
                        List.of("dir dev 755", "dir opt 755", "dir opt/dev 755", "file opt/dev/a 644 A"),
                        tar().folder("dev")
                                .special("dev/null", '3')
                                .special("dev/sda", '4')
                                .file("opt/dev/a", "A")),
                stack(
                        "pipes are left out",
                        List.of("file b 644 B"),
                        tar().special("a", '6').file("b", "B")),
                stack(
                        "a device hides what was there",
                        List.of("dir d 755"),
                        tar().file("d/a", "A"),
                        tar().special("d/a", '3')),
                stack(
                        "entries of unknown types are left out",
                        List.of("file b 644 B"),
                        tar().special("a", 'Q').file("b", "B")));
    }

    private static List<Case> whiteouts() {
        return List.of(
                stack(
                        "a whiteout",
                        List.of("file c 644 C", "dir d 755", "file d/b 644 B"),
                        base(),
                        tar().whiteout("d/.wh.a")),
                stack(
                        "a whiteout at the top",
                        List.of("dir d 755", "file d/a 644 A", "file d/b 644 B"),
                        base(),
                        tar().whiteout(".wh.c")),
                stack(
                        "a whiteout at the top with a dot",
                        List.of("dir d 755", "file d/a 644 A", "file d/b 644 B"),
                        base(),
                        tar().whiteout("./.wh.c")),
                stack("a whiteout of a folder", List.of("file c 644 C"), base(), tar().whiteout(".wh.d")),
                stack(
                        "a whiteout of nothing",
                        List.of("file c 644 C"),
                        tar().file("c", "C"),
                        tar().whiteout(".wh.x").whiteout("y/.wh.x")),
                stack(
                        "a whiteout before the new file",
                        List.of("file c 644 new"),
                        tar().file("c", "old"),
                        tar().whiteout(".wh.c").file("c", "new")),
                stack(
                        "a whiteout after the new file",
                        List.of("file c 644 new"),
                        tar().file("c", "old"),
                        tar().file("c", "new").whiteout(".wh.c")),
                stack(
                        "a whiteout after the new folder hides the old contents",
                        List.of("dir d 755", "file d/n 644 N"),
                        base().file("d/n", "old"),
                        tar().whiteout(".wh.c").file("d/n", "N").whiteout(".wh.d")),
                stack(
                        "a whiteout and a later layer",
                        List.of("file c 644 new"),
                        tar().file("c", "old"),
                        tar().whiteout(".wh.c"),
                        tar().file("c", "new")),
                stack(
                        "an opaque folder",
                        List.of("dir d 755", "file d/n 644 N"),
                        tar().file("d/a", "A").file("d/s/x", "X"),
                        tar().folder("d").whiteout("d/.wh..wh..opq").file("d/n", "N")),
                stack(
                        "an opaque folder, marked late",
                        List.of("dir d 755", "file d/n 644 N", "dir d/s 755", "file d/s/n 644 N"),
                        tar().file("d/a", "A").file("d/s/x", "X"),
                        tar().file("d/n", "N").file("d/s/n", "N").whiteout("d/.wh..wh..opq")),
                stack(
                        "an opaque root",
                        List.of("file n 644 N"),
                        tar().file("d/a", "A").file("c", "C"),
                        tar().whiteout(".wh..wh..opq").file("n", "N")),
                stack(
                        "an opaque marker spares links of its layer",
                        List.of("dir d 755", "link d/l -> x"),
                        tar().file("d/a", "A"),
                        tar().link("d/l", "x").whiteout("d/.wh..wh..opq")),
                stack(
                        "a whiteout through a link inside",
                        List.of("link lib -> usr/lib", "dir usr 755", "dir usr/lib 755"),
                        tar().file("usr/lib/a", "A").link("lib", "usr/lib"),
                        tar().whiteout("lib/.wh.a")),
                stack(
                        "a whiteout of a link spares its target",
                        List.of("file a 644 A"),
                        tar().file("a", "A").link("l", "a"),
                        tar().whiteout(".wh.l")),
                stack(
                        "aufs's own files are left out",
                        List.of("file a 644 A"),
                        tar().whiteout(".wh..wh.aufs")
                                .folder(".wh..wh.plnk")
                                .file(".wh..wh.plnk/1.2", "x")
                                .file("a", "A")));
    }

    private static List<Case> replacements() {
        return List.of(
                stack(
                        "the last of two entries wins",
                        List.of("file a 600 2"),
                        tar().file("a", "1").file("a", 0600, "2")),
                stack(
                        "a file replaces a folder",
                        List.of("file a 644 A"),
                        tar().file("a/b/c", "C"),
                        tar().file("a", "A")),
                stack("a folder replaces a file", List.of("dir a 755"), tar().file("a", "A"), tar().folder("a")),
                stack(
                        "a file below a file replaces it",
                        List.of("dir a 755", "file a/b 644 B"),
                        tar().file("a", "A"),
                        tar().file("a/b", "B")),
                stack("a link replaces a folder", List.of("link a -> b"), tar().file("a/x", "X"), tar().link("a", "b")),
                stack(
                        "a folder replaces a link to a folder",
                        List.of("dir a 755", "file a/y 644 Y", "dir b 755", "file b/x 644 X"),
                        tar().file("b/x", "X").link("a", "b"),
                        tar().folder("a").file("a/y", "Y")),
                stack(
                        "a file replaces a link, not its target",
                        List.of("file a 644 A", "file l 644 L"),
                        tar().file("a", "A").link("l", "a"),
                        tar().file("l", "L")),
                stack(
                        "a replaced file keeps its other names as they were",
                        List.of("file a 644 new", "file b 644 old"),
                        tar().file("a", "old").hard("b", "a"),
                        tar().file("a", "new")),
                stack(
                        "folder, file, folder again",
                        List.of("dir a 755", "file a/z 644 Z"),
                        tar().file("a/x", "X").file("a", "A").file("a/z", "Z")));
    }

    private static List<Case> links() {
        return List.of(
                stack(
                        "links stay as they are",
                        List.of("link a -> /etc/passwd", "link b -> ../../x"),
                        tar().link("a", "/etc/passwd").link("b", "../../x")),
                stack(
                        "a hard link to a lower layer",
                        List.of("file a 644 A", "file b 644 A"),
                        tar().file("a", "A"),
                        tar().hard("b", "a")),
                stack(
                        "a hard link by an absolute name",
                        List.of("file a 644 A", "file b 644 A"),
                        tar().file("a", "A").hard("b", "/a")),
                stack(
                        "a hard link to a link",
                        List.of("link a -> x", "link b -> x"),
                        tar().link("a", "x").hard("b", "a")),
                stack(
                        "a hard link to itself",
                        List.of("file a 644 A"),
                        tar().file("a", "A").hard("a", "./a")),
                stack(
                        "a hard link over a file",
                        List.of("file a 644 A", "file b 644 A"),
                        tar().file("a", "A").file("b", "B").hard("b", "a")),
                stack(
                        "a file through a link inside",
                        List.of("link lib -> usr/lib", "dir usr 755", "dir usr/lib 755", "file usr/lib/x 644 X"),
                        tar().folder("usr/lib").link("lib", "usr/lib"),
                        tar().file("lib/x", "X")),
                stack(
                        "a file through an absolute link stays inside",
                        List.of("link e -> /etc", "dir etc 755", "file etc/x 644 X"),
                        tar().folder("etc").link("e", "/etc"),
                        tar().file("e/x", "X")),
                stack(
                        "a file through a link that climbs stays inside",
                        List.of("link e -> ../../../../tmp/../t", "dir t 755", "file t/x 644 X", "dir tmp 755"),
                        tar().link("e", "../../../../tmp/../t").file("e/x", "X")),
                stack(
                        "a file through a dangling link makes the folder",
                        List.of("link a -> b/c", "dir b 755", "dir b/c 755", "file b/c/x 644 X"),
                        tar().link("a", "b/c").file("a/x", "X")),
                stack(
                        "links to links",
                        List.of("link a -> b", "link b -> c", "dir c 755", "file c/x 644 X"),
                        tar().link("a", "b").link("b", "c").file("a/x", "X")),
                stack(
                        "a link replaced by a folder is no way any more",
                        List.of("dir a 755", "file a/x 644 X", "dir b 755"),
                        tar().folder("b").link("a", "b").folder("a").file("a/x", "X")),
                stack(
                        "a folder replaced by a link is a new way",
                        List.of("link a -> b", "dir b 755", "file b/x 644 X"),
                        tar().folder("b").folder("a").link("a", "b").file("a/x", "X")));
    }

    private static List<Case> names() {
        String name = "n".repeat(200);
        return List.of(
                stack("absolute names", List.of("dir etc 755", "file etc/x 644 X"), tar().file("/etc/x", "X")),
                stack(
                        "dots and double slashes",
                        List.of("dir a 755", "file a/b 644 B"),
                        tar().file("././/a//./b", "B")),
                stack("a name that climbs and stays inside", List.of("file b 644 B"), tar().file("a/../b", "B")),
                stack("long names, pax", List.of("file " + name + " 644 A"), tar().file(name, "A")),
                stack(
                        "long names, gnu",
                        List.of("file " + name + " 644 A"),
                        tar().gnu().file(name, "A")),
                stack("long links, pax", List.of("link a -> " + name), tar().link("a", name)),
                stack(
                        "long links, gnu",
                        List.of("link a -> " + name),
                        tar().gnu().link("a", name)),
                stack("names outside ASCII", List.of("file größe-日本 644 A"), tar().file("größe-日本", "A")),
                stack("odd characters", List.of("file a\nb \\ 'c\" 644 A"), tar().file("a\nb \\ 'c\"", "A")),
                stack(
                        "names that look like whiteouts but are not",
                        List.of("file .wha 644 A", "file a.wh.b 644 B"),
                        tar().file(".wha", "A").file("a.wh.b", "B")),
                stack(
                        "a name of a folder that is a prefix of another",
                        List.of("dir a 755", "file a/x 644 1", "dir ab 755", "file ab/x 644 2"),
                        tar().file("a/x", "1").file("ab/x", "2")));
    }
}
