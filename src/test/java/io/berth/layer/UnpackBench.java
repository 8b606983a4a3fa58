package io.berth.layer;

import io.berth.files.TreeRemoval;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.progress.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A benchmark, not a test: unpacks the named layers once in a fresh JVM, then removes the tree, and prints seconds.
///
/// Usage: `java -Xmx160m -cp ... io.berth.layer.UnpackBench FOLDER verify|trust LAYER...`
public final class UnpackBench {
    private UnpackBench() {}

    public static void main(String[] args) throws IOException {
        Path tree = Path.of(args[0]);
        boolean verify = args[1].equals("verify");
        List<LayerFile> layers = new ArrayList<>();
        for (String file : Arrays.asList(args).subList(2, args.length)) {
            layers.add(layer(Path.of(file), verify));
        }
        Files.createDirectory(tree);
        long start = System.nanoTime();
        UnpackReport report = new LayerUnpacker().unpack(layers, tree, UnpackOptions.writable(), Progress.none());
        long unpacked = System.nanoTime();
        TreeRemoval.remove(tree);
        long removed = System.nanoTime();
        System.out.printf(
                "unpack %.2f s, remove %.2f s, %s%n", (unpacked - start) / 1e9, (removed - unpacked) / 1e9, report);
    }

    /// Reads diff ids from `LAYER.diffid` files, so that computing them is not measured.
    private static LayerFile layer(Path file, boolean verify) throws IOException {
        Path known = file.resolveSibling(file.getFileName() + ".diffid");
        if (verify && !Files.exists(known)) {
            Files.writeString(known, diffId(file).toString());
        }
        Optional<Digest> diffId = verify ? Optional.of(Digest.parse(Files.readString(known))) : Optional.empty();
        return new LayerFile(file, new Descriptor("", Digest.sha256Of(new byte[0]), Files.size(file)), diffId);
    }

    private static Digest diffId(Path file) throws IOException {
        MessageDigest hasher = Digest.sha256Of(new byte[0]).hasher();
        try (InputStream in = Compression.inflate(Files.newInputStream(file))) {
            byte[] buffer = new byte[1 << 16];
            int length;
            while ((length = in.read(buffer)) > 0) {
                hasher.update(buffer, 0, length);
            }
        }
        return Digest.of("sha256", hasher.digest());
    }
}
