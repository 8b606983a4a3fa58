package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.TreeRemoval;
import io.berth.layer.ChrootModel.Entry;
import io.berth.layer.ChrootModel.Refused;
import io.berth.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Generated archives, odd and hostile, each with its expected outcome: a tree or a refusal. Each seed is one archive.
class OddArchivesTest {
    private static final long FIRST_SEED = 20261126;
    private static final int HOSTILE = 240;
    private static final int DAMAGED = 160;

    @TempDir
    Path folder;

    private static final List<String> NAMES = List.of(
            "a",
            "b",
            "a/b",
            "a/c",
            "l",
            "l/x",
            "m/l/y",
            "l/../z",
            "./a//b/",
            "/a/x",
            "dev/null",
            "opt/dev/f",
            "..",
            "../out",
            "l/../../out",
            "/../out",
            "a/b/c/d",
            "m",
            "m/x",
            "größe",
            "l/l/l");
    private static final List<String> TARGETS = List.of(
            "a",
            "b",
            "l",
            "m",
            "..",
            "../..",
            "../../../../../../etc",
            "/",
            "/etc",
            "/a/b",
            ".",
            "./l",
            "a/../../m",
            "b/c",
            "/canary",
            "../canary");
    private static final List<String> HARD_TARGETS = List.of(
            "a", "b", "a/b", "/a", "l", "l/x", "../canary", "/etc/passwd", "m/../a", ".", "a/c", "l/canary", "größe");

    private static Entry entry(Random random) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        // a name that climbs out ends the archive, so it is made rare
        while (name.contains("../out") || name.equals("..")) {
            if (random.nextInt(8) == 0) {
                break;
            }
            name = NAMES.get(random.nextInt(NAMES.size()));
        }
        int mode = random.nextBoolean() ? 0755 : 0700;
        return switch (random.nextInt(12)) {
            case 0, 1 -> new Entry('d', name.endsWith("/") ? name : name + "/", mode, "");
            case 2, 3, 4, 5 -> new Entry('f', strip(name), mode, "f" + random.nextInt(100));
            case 6, 7, 8 -> new Entry('l', strip(name), 0777, TARGETS.get(random.nextInt(TARGETS.size())));
            case 9 -> new Entry('h', strip(name), 0, HARD_TARGETS.get(random.nextInt(HARD_TARGETS.size())));
            case 10 -> new Entry('c', strip(name), 0600, "");
            default -> new Entry('f', strip(name), mode, "");
        };
    }

    private static String strip(String name) {
        return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    }

    private static List<Entry> archive(Random random) {
        List<Entry> entries = new ArrayList<>();
        for (int i = 2 + random.nextInt(9); i > 0; i--) {
            entries.add(entry(random));
        }
        return entries;
    }

    private static byte[] bytes(List<Entry> entries, Random random) {
        ArchiveFixture tar = random.nextBoolean() ? new ArchiveFixture() : new ArchiveFixture().gnu();
        for (Entry entry : entries) {
            byte[] text = entry.text().getBytes(StandardCharsets.UTF_8);
            switch (entry.type()) {
                case 'd' -> tar.folder(entry.name(), entry.mode());
                case 'f' -> tar.add(entry.name(), '0', entry.mode(), "", text);
                case 'l' -> tar.link(entry.name(), entry.text());
                case 'h' -> tar.hard(entry.name(), entry.text());
                default -> tar.special(entry.name(), random.nextBoolean() ? '3' : '4');
            }
        }
        byte[] plain = random.nextInt(4) == 0 ? tar.unended() : tar.plain();
        return switch (random.nextInt(3)) {
            case 0 -> ArchiveFixture.gzip(plain);
            case 1 -> ArchiveFixture.zstd(plain);
            default -> plain;
        };
    }

    /// The listing that the model expects; empty when it refuses.
    private static Optional<List<String>> expected(List<Entry> entries) {
        ChrootModel model = new ChrootModel();
        try {
            for (Entry entry : entries) {
                model.apply(entry);
            }
            return Optional.of(model.listing());
        } catch (Refused e) {
            return Optional.empty();
        }
    }

    @TestFactory
    Stream<DynamicTest> hostile_archives_come_to_what_the_model_says() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + HOSTILE)
                .mapToObj(seed -> dynamicTest("seed " + seed, () -> {
                    Random random = new Random(seed);
                    List<Entry> entries = archive(random);
                    Optional<List<String>> wanted = expected(entries);
                    Optional<List<String>> got = unpacked(bytes(entries, random));
                    assertThat(got).as("%s", entries).isEqualTo(wanted);
                }));
    }

    /// Both outcomes must be among them, or the test tells nothing.
    @TestFactory
    Stream<DynamicTest> of_the_hostile_archives_some_are_refused_and_some_are_not() {
        long refused = LongStream.range(FIRST_SEED, FIRST_SEED + HOSTILE)
                .filter(seed -> expected(archive(new Random(seed))).isEmpty())
                .count();
        return Stream.of(dynamicTest(
                refused + " of " + HOSTILE, () -> assertThat(refused).isBetween(HOSTILE / 5L, HOSTILE * 4L / 5)));
    }

    /// A turned bit or a cut: refused with plain words, or (where the bit means nothing) unpacked; nothing else.
    @TestFactory
    Stream<DynamicTest> damaged_archives_are_refused_in_plain_words_or_unpacked() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + DAMAGED)
                .mapToObj(seed -> dynamicTest("seed " + seed, () -> {
                    Random random = new Random(seed);
                    byte[] packed = random.nextBoolean() ? rich() : ArchiveFixture.gzip(rich());
                    if (random.nextInt(3) == 0) {
                        packed = java.util.Arrays.copyOf(packed, 1 + random.nextInt(packed.length - 1));
                    } else {
                        for (int i = 1 + random.nextInt(3); i > 0; i--) {
                            packed[random.nextInt(packed.length)] ^= (byte) (1 << random.nextInt(8));
                        }
                    }
                    unpacked(packed);
                }));
    }

    private static byte[] rich() {
        return new ArchiveFixture()
                .folder("d")
                .file("d/" + "n".repeat(180), "long")
                .withAttribute("d/x", "user.y")
                .link("l", "t".repeat(150))
                .hard("h", "d/x")
                .whiteout("d/.wh.gone")
                .gnu()
                .file("g".repeat(170), "gnu")
                .special("dev/null", '3')
                .add("s", '0', 04755, "", new byte[3000])
                .plain();
    }

    /// @return what was unpacked; empty when it was refused. Around the tree nothing may change.
    private Optional<List<String>> unpacked(byte[] packed) throws IOException {
        Path around = Files.createTempDirectory(folder, "around");
        Path canary = Files.writeString(around.resolve("canary"), "whole");
        Path root = Files.createDirectory(around.resolve("tree"));
        LayerFile layer = ArchiveFixture.layer(folder, packed);
        Optional<List<String>> listing;
        try {
            new LayerUnpacker().unpack(List.of(layer), root, UnpackOptions.writable(), Progress.none());
            listing = Optional.of(TreeListing.of(root).stream().sorted().toList());
        } catch (FaultException e) {
            assertThat(e.fault()).as(e.getMessage()).isEqualTo(Fault.CORRUPT);
            assertThat(e.getMessage()).startsWith("unpacking layer ").doesNotContain("Exception", "\n");
            listing = Optional.empty();
        }
        assertThat(canary).hasContent("whole");
        try (Stream<Path> names = Files.list(around)) {
            assertThat(names).containsExactlyInAnyOrder(canary, root);
        }
        TreeRemoval.remove(around);
        return listing;
    }

    /// The same archive in each packing is the same tree.
    @TestFactory
    Stream<DynamicTest> packing_does_not_matter() {
        return Stream.of(ImageFixture.Compression.values())
                .map(packing -> dynamicTest(
                        packing.toString(),
                        () -> assertThat(unpacked(packing.compress(rich())))
                                .isEqualTo(unpacked(rich()))
                                .isPresent()));
    }
}
