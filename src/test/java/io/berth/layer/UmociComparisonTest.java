package io.berth.layer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.berth.files.TreeRemoval;
import io.berth.image.Digest;
import io.berth.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Legal stacks of layers, unpacked by us and by `umoci unpack --rootless`.
///
/// Not compared: links on the way (umoci makes them ways by other rules of its own), device nodes (umoci puts empty
/// files in their place), special permission bits (umoci keeps them).
class UmociComparisonTest {
    private static final long FIRST_SEED = 77;
    private static final int STACKS = 60;

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> legal_stacks_are_unpacked_alike() {
        return LongStream.range(FIRST_SEED, FIRST_SEED + STACKS)
                .mapToObj(seed -> dynamicTest("seed " + seed, () -> compare(new Random(seed))));
    }

    private void compare(Random random) throws Exception {
        List<byte[]> stack = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            stack.add(layer(random));
        }
        Path work = Files.createTempDirectory(folder, "stack");
        Path ours = Files.createDirectory(work.resolve("ours"));
        List<LayerFile> files =
                stack.stream().map(plain -> ArchiveFixture.layer(work, plain)).toList();
        new LayerUnpacker().unpack(files, ours, UnpackOptions.writable(), Progress.none());
        Path bundle = work.resolve("bundle");
        run(List.of("umoci", "unpack", "--rootless", "--image", layout(work, stack) + ":x", bundle.toString()));
        assertThat(TreeListing.of(ours)).isEqualTo(TreeListing.of(bundle.resolve("rootfs")));
        TreeRemoval.remove(work);
    }

    private static byte[] layer(Random random) {
        ArchiveFixture tar = random.nextBoolean() ? new ArchiveFixture() : new ArchiveFixture().gnu();
        List<String> whiteouts = new ArrayList<>();
        List<String> made = new ArrayList<>();
        for (int i = 1 + random.nextInt(10); i > 0; i--) {
            String name = name(random);
            switch (random.nextInt(9)) {
                case 0, 1, 2 -> {
                    tar.folder(name, random.nextBoolean() ? 0755 : 0700);
                    made.add(name);
                }
                case 3, 4, 5 -> {
                    tar.file(name + ".f", random.nextBoolean() ? 0644 : 0755, "f" + random.nextInt(1000));
                    made.add(name + ".f");
                }
                case 6 -> tar.link(name + ".l", "any/where");
                case 7 -> {
                    if (made.contains(name + ".f")) {
                        tar.hard(name + ".h", name + ".f");
                    }
                }
                default -> whiteouts.add(name);
            }
        }
        // of what this layer makes itself nothing is taken away: the tools differ there
        for (String name : whiteouts) {
            if (made.stream()
                    .noneMatch(other -> (other + "/").startsWith(name + "/") || (name + "/").startsWith(other))) {
                int slash = name.lastIndexOf('/') + 1;
                tar.whiteout(name.substring(0, slash) + ".wh." + name.substring(slash));
            }
        }
        return tar.plain();
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int depth = 1 + random.nextInt(3); depth > 0; depth--) {
            name.append(name.isEmpty() ? "" : "/")
                    .append(random.nextInt(9) == 0 ? "dev" : "" + (char) ('a' + random.nextInt(3)));
        }
        return random.nextInt(10) == 0 ? name + "n".repeat(120) : name.toString();
    }

    private static Path layout(Path work, List<byte[]> stack) throws IOException {
        Path layout = work.resolve("layout");
        Files.createDirectories(layout.resolve("blobs/sha256"));
        List<String> layers = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        for (byte[] plain : stack) {
            layers.add(blob(layout, "application/vnd.oci.image.layer.v1.tar+gzip", ArchiveFixture.gzip(plain)));
            diffIds.add("\"" + Digest.sha256Of(plain) + "\"");
        }
        String config = blob(
                layout,
                "application/vnd.oci.image.config.v1+json",
                ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                                + String.join(",", diffIds) + "]}}")
                        .getBytes(UTF_8));
        String manifest = blob(
                layout,
                "application/vnd.oci.image.manifest.v1+json",
                ("{\"schemaVersion\":2,\"config\":" + config + ",\"layers\":[" + String.join(",", layers) + "]}")
                        .getBytes(UTF_8));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(
                layout.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":["
                        + manifest.replaceFirst("}$", ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"x\"}}")
                        + "]}");
        return layout;
    }

    private static String blob(Path layout, String type, byte[] bytes) throws IOException {
        Digest digest = Digest.sha256Of(bytes);
        Files.write(layout.resolve("blobs/sha256/" + digest.hex()), bytes);
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(type, digest, bytes.length);
    }

    private static void run(List<String> command) throws Exception {
        Path log = Files.createTempFile("umoci", "");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertThat(process.waitFor())
                .as("%s: %s", command, Files.readString(log))
                .isZero();
        Files.delete(log);
    }
}
