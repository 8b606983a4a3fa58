package io.berth.files;

import static java.util.Objects.requireNonNull;

import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// How much room a tree takes, in blocks of 4 KiB, on one file system, with files of several names counted once.
/// What cannot be read counts as nothing.
public final class DiskUsage {
    private static final long BLOCK_BYTES = 4096;

    private DiskUsage() {}

    public static long bytes(Path tree) {
        try {
            Sum sum = new Sum(Files.getAttribute(tree, "unix:dev", LinkOption.NOFOLLOW_LINKS));
            Files.walkFileTree(tree, sum);
            return sum.bytes;
        } catch (IOException e) {
            throw FaultException.io("measuring " + tree, e);
        }
    }

    private static final class Sum extends SimpleFileVisitor<Path> {
        private final Object device;
        private final Set<Object> seen = new HashSet<>();
        private long bytes;

        Sum(Object device) {
            this.device = device;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) throws IOException {
            if (!device.equals(Files.getAttribute(folder, "unix:dev", LinkOption.NOFOLLOW_LINKS))) {
                return FileVisitResult.SKIP_SUBTREE;
            }
            bytes += rounded(attributes.size());
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Map<String, Object> links = Files.readAttributes(file, "unix:nlink,ino", LinkOption.NOFOLLOW_LINKS);
            if (requireNonNull(links.get("nlink")).equals(1) || seen.add(requireNonNull(links.get("ino")))) {
                bytes += attributes.isSymbolicLink() ? 0 : rounded(attributes.size());
            }
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException problem) {
            return FileVisitResult.CONTINUE;
        }

        private static long rounded(long size) {
            return (size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
        }
    }
}
