package io.berth.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.berth.progress.Progress;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What GNU tar packs in each of its formats, we unpack as GNU tar does.
class GnuTarComparisonTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needs_gnu_tar() throws IOException {
        assumeThat(Path.of("/usr/bin/tar").toFile().canExecute()
                        || Path.of("/bin/tar").toFile().canExecute())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=gnu", "--format=oldgnu", "--format=pax", "--format=ustar", "--format=v7"})
    void unpacks_every_format(String format) throws Exception {
        boolean longNames = !format.endsWith("v7") && !format.endsWith("ustar");
        compare(source(longNames), format, "--gzip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--format=gnu",
                "--format=oldgnu",
                "--sparse-version=0.0",
                "--sparse-version=0.1",
                "--sparse-version=1.0"
            })
    void unpacks_sparse_files_of_every_kind(String format) throws Exception {
        Path source = source(false);
        try (RandomAccessFile sparse =
                new RandomAccessFile(source.resolve("sparse").toFile(), "rw")) {
            sparse.seek(3_000_000);
            sparse.writeBytes("middle");
            sparse.setLength(9_000_000);
        }
        compare(source, format.startsWith("--sparse") ? "--format=pax" : "--format=gnu", "--sparse", format);
        assertThat((Long) Files.size(folder.resolve("ours/sparse"))).isEqualTo(9_000_000L);
    }

    private void compare(Path source, String... options) throws Exception {
        Path archive = folder.resolve("layer.tar");
        List<String> pack = new ArrayList<>(List.of("tar", "-cf", archive.toString(), "-C", source.toString()));
        pack.addAll(List.of(options));
        pack.add(".");
        run(pack);
        Path theirs = Files.createDirectory(folder.resolve("theirs"));
        run(List.of(
                "tar", "-xf", archive.toString(), "-C", theirs.toString(), "--no-same-owner", "--no-same-permissions"));
        Path ours = Files.createDirectory(folder.resolve("ours"));
        LayerFile layer = ArchiveFixture.layer(folder, Files.readAllBytes(archive));
        new LayerUnpacker().unpack(List.of(layer), ours, UnpackOptions.writable(), Progress.none());
        assertThat(TreeListing.detailed(ours)).isNotEmpty().isEqualTo(TreeListing.detailed(theirs));
    }

    private static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        assertThat(process.waitFor()).as("%s", command).isZero();
    }

    private Path source(boolean longNames) throws IOException {
        Path source = Files.createDirectory(folder.resolve("source"));
        Random random = new Random(7);
        for (int i = 0; i < 30; i++) {
            Path inside = Files.createDirectories(source.resolve("d" + random.nextInt(5) + "/e" + random.nextInt(3)));
            byte[] bytes = new byte[random.nextInt(3) == 0 ? 0 : random.nextInt(400_000)];
            random.nextBytes(bytes);
            Path file = Files.write(inside.resolve("f" + i), bytes);
            Files.setLastModifiedTime(file, FileTime.fromMillis(1000L * random.nextInt(Integer.MAX_VALUE)));
            Files.createSymbolicLink(inside.resolve("l" + i), Path.of("../" + "x".repeat(random.nextInt(1, 60))));
            if (i % 5 == 0) {
                Files.createLink(inside.resolve("h" + i), file);
            }
        }
        if (longNames) {
            Path deep = Files.createDirectories(source.resolve(("long" + "d".repeat(60) + "/").repeat(4)));
            Files.writeString(deep.resolve("f".repeat(200)), "long");
            Files.createSymbolicLink(deep.resolve("link"), Path.of("t/".repeat(100) + "t"));
            Files.writeString(source.resolve("größe"), "umlaut");
        }
        return source;
    }
}
