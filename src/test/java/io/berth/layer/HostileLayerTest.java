package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.TreeRemoval;
import io.berth.image.Digest;
import io.berth.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Layers that are damaged or mean harm: a fault in plain words, and never a byte outside the tree.
class HostileLayerTest {
    private record Refused(String name, Supplier<byte[]> packed, String text) {}

    @TempDir
    Path folder;

    private static Refused refused(String name, byte[] packed, String text) {
        return new Refused(name, () -> packed, text);
    }

    private static ArchiveFixture tar() {
        return new ArchiveFixture();
    }

    @TestFactory
    Stream<DynamicTest> refuses() {
        return Stream.of(escapes(), damages())
                .flatMap(List::stream)
                .map(one -> dynamicTest(one.name(), () -> {
                    Path canary = Files.writeString(folder.resolve("canary"), "whole");
                    Path root = Files.createTempDirectory(folder, "tree");
                    assertThatThrownBy(() -> unpack(
                                    root, UnpackLimits.defaults(), one.packed().get()))
                            .isInstanceOfSatisfying(
                                    FaultException.class,
                                    e -> assertThat(e.fault()).isEqualTo(Fault.CORRUPT))
                            .hasMessageStartingWith("unpacking layer sha256:")
                            .hasMessageContaining(one.text());
                    assertThat(canary).hasContent("whole");
                    assertThat(folder.resolve("evil")).doesNotExist();
                }));
    }

    private static List<Refused> escapes() {
        return List.of(
                refused("a name that climbs out", tar().file("../evil", "x").plain(), "outside the tree"),
                refused(
                        "a name that climbs out late",
                        tar().file("a/../../evil", "x").plain(),
                        "outside the tree"),
                refused(
                        "an absolute name that climbs",
                        tar().file("/../evil", "x").plain(),
                        "outside the tree"),
                refused("a folder that climbs out", tar().folder("..").plain(), "outside the tree"),
                refused("a hard link out", tar().hard("a", "../canary").plain(), "outside the tree"),
                refused(
                        "a hard link to an absolute name",
                        tar().hard("a", "/etc/passwd").plain(),
                        "no file here"),
                refused(
                        "a hard link out through a link",
                        tar().link("l", "..").hard("a", "l/canary").plain(),
                        "no file here"),
                refused(
                        "a hard link to a folder",
                        tar().folder("d").hard("a", "d").plain(),
                        "no file here"),
                refused("a hard link to the root", tar().hard("a", ".").plain(), "no file here"),
                refused(
                        "a whiteout of dot dot",
                        tar().whiteout("d/.wh...")
                                .folder("d")
                                .whiteout("d/.wh...")
                                .plain(),
                        "names nothing"),
                refused("a whiteout of dot", tar().whiteout(".wh..").plain(), "names nothing"),
                refused("a whiteout of nothing at all", tar().whiteout(".wh.").plain(), "names nothing"),
                refused(
                        "a loop of links",
                        tar().link("a", "b").link("b", "a").file("a/x", "x").plain(),
                        "loop"),
                refused(
                        "a link to nothing",
                        tar().raw(bytes("a"), '2', bytes(""), 0, bytes("")).plain(),
                        "link to nothing"),
                refused(
                        "a name no file system takes",
                        tar().file("n".repeat(300), "x").plain(),
                        "too long"),
                refused(
                        "a name too deep",
                        tar().file("d/".repeat(300) + "x", "x").plain(),
                        "deep"));
    }

    private static List<Refused> damages() {
        byte[] random = new byte[400_000];
        new Random(1).nextBytes(random);
        byte[] good = tar().add("a", '0', 0644, "", random).file("b", "B").plain();
        byte[] gzip = ArchiveFixture.gzip(good);
        byte[] zstd = ArchiveFixture.zstd(good);
        byte[] badHeader = good.clone();
        badHeader[512 + 400_384 + 3] ^= 1;
        return List.of(
                refused("an empty file", bytes(""), "the archive is empty"),
                refused("no archive at all", bytes("hello"), "not a tar archive"),
                refused("a text of some length", bytes("hello ".repeat(1000)), "not a tar archive"),
                refused("tar cut in a file", Arrays.copyOf(good, 100_000), "ends too early"),
                refused("tar cut in a header", Arrays.copyOf(good, 512 + 400_384 + 100), "ends too early"),
                refused("gzip cut", Arrays.copyOf(gzip, gzip.length / 2), "ends too early"),
                refused("gzip cut in its trailer", Arrays.copyOf(gzip, gzip.length - 3), "ends too early"),
                refused("zstd cut", Arrays.copyOf(zstd, zstd.length / 2), "ends too early"),
                refused("gzip with a turned bit", turned(gzip, gzip.length / 2), "gzip data is damaged"),
                refused("gzip with a wrong checksum", turned(gzip, gzip.length - 6), "gzip data is damaged"),
                refused("zstd with a bad header", turned(zstd, 5), "a"),
                refused("a turned bit in a header", badHeader, "header after"),
                refused("a negative size", tar().file("z", "Z").raw(sized(0xFF)).plain(), "damaged"),
                refused(
                        "a size beyond all bounds",
                        tar().file("z", "Z").raw(sized(0x80)).plain(),
                        "damaged"),
                refused(
                        "a file said to be larger than it is",
                        tar().raw(bytes("a"), '0', bytes(""), 1_000_000, bytes("x"))
                                .unended(),
                        "ends too early"),
                refused(
                        "a long name without end",
                        tar().raw(bytes("././@LongLink"), 'L', bytes(""), 2_000_000, new byte[2_000_000])
                                .plain(),
                        "longer than"),
                refused("pax headers without end", paxChain(), "longer than"),
                refused(
                        "a pax record longer than all memory",
                        tar().raw(bytes("x"), 'x', bytes(""), 30, bytes("10 path=a\n2147483647 path=b\nxx"))
                                .file("b", "B")
                                .plain(),
                        "lengths are wrong"),
                refused("xz", bytes("\u00FD7zXZ\0"), "packed with xz"),
                refused("bzip2", bytes("BZh91AY"), "packed with bzip2"));
    }

    private static byte[] sized(int first) {
        byte[] header = tar().raw(bytes("a"), '0', bytes(""), 0, bytes("")).unended();
        Arrays.fill(header, 124, 136, (byte) (first == 0xFF ? 0xFF : 0x7F));
        header[124] = (byte) first;
        return rechecked(header);
    }

    private static byte[] rechecked(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xFF;
        }
        byte[] text = bytes(String.format("%06o\0 ", sum));
        System.arraycopy(text, 0, header, 148, 8);
        return header;
    }

    private static byte[] paxChain() {
        ArchiveFixture chain = tar();
        for (int i = 0; i < 3000; i++) {
            chain.raw(bytes("x"), 'x', bytes(""), 10, bytes("10 path=a\n"));
        }
        return chain.file("b", "B").plain();
    }

    private static byte[] turned(byte[] bytes, int at) {
        byte[] copy = bytes.clone();
        copy[at] ^= 0x55;
        return copy;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private UnpackReport unpack(Path root, UnpackLimits limits, byte[]... packed) {
        LayerFile[] layers = Stream.of(packed)
                .map(bytes -> ArchiveFixture.layer(folder, bytes))
                .toArray(LayerFile[]::new);
        return unpack(root, new UnpackOptions(false, false, limits), layers);
    }

    private static UnpackReport unpack(Path root, UnpackOptions options, LayerFile... layers) {
        return new LayerUnpacker().unpack(List.of(layers), root, options, Progress.none());
    }

    @Test
    void writing_through_a_link_stays_inside() throws IOException {
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(
                root,
                UnpackLimits.defaults(),
                tar().link("l", folder.toString()).file("l/evil", "x").plain());
        assertThat(folder.resolve("evil")).doesNotExist();
        assertThat(Path.of(root.toString(), folder.toString(), "evil")).hasContent("x");
    }

    @Test
    void a_whiteout_through_a_link_stays_inside() throws IOException {
        Path canary = Files.writeString(folder.resolve("canary"), "whole");
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(
                root,
                UnpackLimits.defaults(),
                tar().link("l", "../")
                        .link("m", folder.toString())
                        .whiteout("l/.wh.canary")
                        .whiteout("m/.wh.canary")
                        .whiteout("m/.wh..wh..opq")
                        .plain());
        assertThat(canary).hasContent("whole");
    }

    @Test
    void limits_stop_bombs() throws IOException {
        UnpackLimits few = new UnpackLimits(2, 1 << 20, 3, 10);
        byte[] many = tar().file("a", "").file("b", "").file("c", "").plain();
        byte[] zeros = ArchiveFixture.zstd(
                tar().add("a", '0', 0644, "", new byte[2 << 20]).plain());
        byte[] deep = tar().file("1/2/3/4", "").plain();
        assertRefused(few, many, "more than 2 entries");
        assertRefused(few, zeros, "larger than 1048576 bytes");
        assertRefused(few, deep, "4 folders deep");
        byte[] large = ArchiveFixture.zstd(
                tar().add("a", '0', 0644, "", new byte[120 << 20]).plain());
        assertRefused(UnpackLimits.defaults(), large, "grows more than 2000-fold");
    }

    private static byte[] record(String key, String value) {
        String text = " " + key + "=" + value + "\n";
        int length = text.length() + 1;
        while (String.valueOf(length).length() + text.length() > length) {
            length++;
        }
        return bytes(length + text);
    }

    /// A sparse file of version 0.1 that stores one byte.
    private static ArchiveFixture sparse(ArchiveFixture tar, String name, String size, String map) {
        java.io.ByteArrayOutputStream pax = new java.io.ByteArrayOutputStream();
        pax.writeBytes(record("GNU.sparse.size", size));
        pax.writeBytes(record("GNU.sparse.map", map));
        pax.writeBytes(record("GNU.sparse.name", name));
        return tar.raw(bytes("pax"), 'x', bytes(""), pax.size(), pax.toByteArray())
                .raw(bytes("sparse.0"), '0', bytes(""), 1, bytes("x"));
    }

    @Test
    void sparse_files_are_no_way_around_the_limits() throws IOException {
        UnpackLimits few = new UnpackLimits(100, 1 << 20, 3, 10);
        byte[] one = sparse(tar(), "a", "2000000", "5,1").plain();
        byte[] two = sparse(sparse(tar(), "a", "700000", "5,1"), "b", "700000", "5,1")
                .plain();
        assertRefused(few, one, "larger than 1048576 bytes");
        assertRefused(few, two, "files of more than 1048576 bytes");
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(root, UnpackLimits.defaults(), two);
        assertThat(root.resolve("a")).hasSize(700000);
        assertThat(Files.readAllBytes(root.resolve("b"))).startsWith(0, 0, 0, 0, 0, 'x', 0);
    }

    @TestFactory
    Stream<DynamicTest> maps_of_sparse_files_must_make_sense() {
        return Stream.of(
                        "5",
                        "-1,1",
                        "0,2",
                        "0,1,0,1",
                        "5,1,2,0",
                        "100,1",
                        "9223372036854775807,1",
                        "a,b",
                        "5,-1",
                        "0,0")
                .map(map -> dynamicTest(
                        map,
                        () -> assertRefused(
                                UnpackLimits.defaults(),
                                sparse(tar(), "a", "100", map).plain(),
                                "damaged")));
    }

    @Test
    void a_global_header_counts_for_all_entries_that_do_not_say_otherwise() throws IOException {
        byte[] global = record("mtime", "86400.5");
        byte[] own = record("mtime", "172800");
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(
                root,
                UnpackLimits.defaults(),
                tar().raw(bytes("g"), 'g', bytes(""), global.length, global)
                        .raw(bytes("a"), '0', bytes(""), 1, bytes("x"))
                        .raw(bytes("x"), 'x', bytes(""), own.length, own)
                        .raw(bytes("b"), '0', bytes(""), 1, bytes("x"))
                        .plain());
        assertThat(Files.getLastModifiedTime(root.resolve("a")).toMillis()).isEqualTo(86_400_500);
        assertThat(Files.getLastModifiedTime(root.resolve("b")).toMillis()).isEqualTo(172_800_000);
    }

    @Test
    void folders_keep_the_attributes_of_users_too() throws IOException {
        byte[] pax = record("SCHILY.xattr.user.note", "n\u00E9");
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(
                root,
                UnpackLimits.defaults(),
                tar().raw(bytes("x"), 'x', bytes(""), pax.length, pax)
                        .raw(bytes("d/"), '5', bytes(""), 0, bytes(""))
                        .file("d/a", "A")
                        .plain());
        assertThat(Files.getAttribute(root.resolve("d"), "user:note")).isEqualTo(bytes("n\u00E9"));
    }

    private void assertRefused(UnpackLimits limits, byte[] packed, String text) throws IOException {
        Path root = Files.createTempDirectory(folder, "tree");
        assertThatThrownBy(() -> unpack(root, limits, packed))
                .isInstanceOf(FaultException.class)
                .hasMessageContaining(text);
    }

    @Test
    void a_diff_id_must_fit() throws IOException {
        byte[] plain = tar().file("a", "A").plain();
        byte[] packed = ArchiveFixture.gzip(plain);
        Path root = Files.createDirectory(folder.resolve("tree"));
        unpack(
                root,
                UnpackOptions.writable(),
                ArchiveFixture.layer(folder, packed, Optional.of(Digest.sha256Of(plain))));
        assertThat(root.resolve("a")).hasContent("A");
        Path other = Files.createDirectory(folder.resolve("other"));
        LayerFile wrong = ArchiveFixture.layer(folder, packed, Optional.of(Digest.sha256Of(packed)));
        assertThatThrownBy(() -> unpack(other, UnpackOptions.writable(), wrong))
                .hasMessageContaining("the image says " + Digest.sha256Of(packed));
    }

    @Test
    void names_that_are_not_utf8_are_kept_byte_for_byte() throws IOException {
        Path root = Files.createDirectory(folder.resolve("tree"));
        byte[] latin = bytes("gr\u00FC\u00DFe");
        UnpackReport report = unpack(
                root,
                UnpackLimits.defaults(),
                tar().raw(latin, '0', bytes(""), 1, bytes("x"))
                        .raw(bytes("l"), '2', bytes("d/\u00FF"), 0, bytes(""))
                        .raw(bytes("d\u00E9/\u00E8"), '0', bytes(""), 1, bytes("y"))
                        .raw(bytes("h"), '1', bytes("d\u00E9/\u00E8"), 0, bytes(""))
                        .raw(bytes(".wh.\u00E8"), '0', bytes(""), 0, bytes(""))
                        .plain(),
                tar().raw(bytes(".wh.gr\u00FC\u00DFe"), '0', bytes(""), 0, bytes(""))
                        .plain());
        assertThat(report.skipped()).isEmpty();
        try (Stream<Path> files = Files.walk(root)) {
            assertThat(files.map(file -> ByteName.of(root.relativize(file)))
                            .sorted()
                            .toList())
                    .containsExactly("", "d\u00E9", "d\u00E9/\u00E8", "h", "l");
        }
        assertThat(ByteName.of(Files.readSymbolicLink(root.resolve("l")))).isEqualTo("d/\u00FF");
        assertThat(root.resolve("h")).hasContent("y");
        TreeRemoval.remove(root);
        assertThat(root).doesNotExist();
    }

    @Test
    void all_that_is_left_out_is_told_once_a_kind() throws IOException {
        Path root = Files.createDirectory(folder.resolve("tree"));
        UnpackReport report = unpack(
                root,
                UnpackLimits.defaults(),
                tar().special("dev/null", '3')
                        .special("dev/sda", '4')
                        .special("p", '6')
                        .withAttribute("a", "security.capability")
                        .withAttribute("b", "user.x")
                        .special("q", 'Q')
                        .plain());
        assertThat(report.skipped())
                .containsExactly(
                        "2 device nodes, first dev/null",
                        "1 named pipes, first p",
                        "1 entries of unknown types, first q",
                        "1 files with extended attributes that cannot be kept, first a");
        assertThat(Files.getAttribute(root.resolve("b"), "user:x")).isEqualTo(bytes("x"));
        assertThat(report.entries()).isEqualTo(6);
    }

    @Test
    void a_missing_layer_is_not_found() throws IOException {
        LayerFile layer = ArchiveFixture.layer(folder, bytes("x"));
        Files.delete(layer.file());
        Path root = Files.createDirectory(folder.resolve("tree"));
        assertThatThrownBy(() -> unpack(root, UnpackOptions.writable(), layer))
                .isInstanceOfSatisfying(
                        FaultException.class, e -> assertThat(e.fault()).isEqualTo(Fault.NOT_FOUND))
                .hasMessageContaining("reading " + layer.file());
    }
}
