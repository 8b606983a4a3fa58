package io.berth.layer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// What a tree holds, one line a thing, in the order of names: `dir a 755`, `file a/b 644 text`, `link c -> a/b`.
public final class TreeListing {
    private TreeListing() {}

    public static List<String> of(Path root) throws IOException {
        return walk(root, false);
    }

    /// Also times, sizes and numbers of names.
    public static List<String> detailed(Path root) throws IOException {
        return walk(root, true);
    }

    private static List<String> walk(Path root, boolean detailed) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(path -> !path.equals(root))
                    .sorted()
                    .map(path -> line(root, path, detailed))
                    .toList();
        }
    }

    private static String line(Path root, Path path, boolean detailed) {
        try {
            String name = root.relativize(path).toString();
            String detail = detailed
                    ? " "
                            + Files.getLastModifiedTime(path, LinkOption.NOFOLLOW_LINKS)
                                    .toInstant()
                                    .getEpochSecond()
                    : "";
            if (Files.isSymbolicLink(path)) {
                return "link " + name + " -> " + Files.readSymbolicLink(path) + detail;
            }
            String mode = Integer.toOctalString((Integer) Files.getAttribute(path, "unix:mode") & 07777);
            if (Files.isDirectory(path)) {
                return "dir " + name + " " + mode + detail;
            }
            byte[] bytes = Files.readAllBytes(path);
            String contents = bytes.length > 100
                    ? bytes.length + ":" + Arrays.hashCode(bytes)
                    : new String(bytes, StandardCharsets.UTF_8);
            String names = detailed ? " x" + Files.getAttribute(path, "unix:nlink") : "";
            return ("file " + name + " " + mode + " " + contents).strip() + detail + names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
