package io.berth.ready;

import io.berth.fake.ElfFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// A small image with a glibc, and a patchelf that shows what it was asked for.
public record GlibcTree(Path root) {
    public static final String LOADER = "/lib64/ld-linux-x86-64.so.2";

    public static GlibcTree in(Path root) throws IOException {
        GlibcTree tree = new GlibcTree(Files.createDirectories(root));
        byte[] loader = new byte[ElfFixture.SIZE];
        byte[] strings = "\0/etc/ld.so.cache\0x/lib/\0/lib/x86_64-linux-gnu/\0/lib/\0/lib64/ld-linux-x86-64.so.2\0"
                .getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(strings, 0, loader, 100, strings.length);
        tree.file("usr/lib/x86_64-linux-gnu/ld.so", loader, "rwxr-xr-x");
        tree.file(
                "usr/lib/x86_64-linux-gnu/libc.so.6",
                "\0GNU C Library (Debian GLIBC 2.36-9) stable release version 2.36.\n\0"
                        .repeat(3)
                        .getBytes(StandardCharsets.UTF_8),
                "rwxr-xr-x");
        tree.link("lib", "usr/lib");
        tree.link("lib64", "/usr/lib64");
        tree.link("usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld.so");
        return tree;
    }

    public Path file(String path, byte[] bytes, String mode) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, bytes);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }

    public Path link(String path, String text) throws IOException {
        Path link = root.resolve(path);
        Files.createDirectories(link.resolveSibling(""));
        return Files.createSymbolicLink(link, Path.of(text));
    }

    public Path program(String path) throws IOException {
        return file(path, ElfFixture.program(LOADER).bytes(), "rwxr-xr-x");
    }

    Path library(String path, String runpath) throws IOException {
        return file(
                path,
                new ElfFixture(true, ByteOrder.LITTLE_ENDIAN, 62, null, true, List.of("libc.so.6"), null, runpath)
                        .bytes(),
                "rw-r--r--");
    }

    /// Programs, libraries, links, names of names, closed folders.
    void fill(Random random) throws IOException {
        List<String> folders = List.of("usr/bin", "opt/a/b", "usr/lib/x86_64-linux-gnu", "srv/closed", "größe");
        for (int i = 0; i < 25; i++) {
            String name = folders.get(random.nextInt(folders.size())) + "/n" + i;
            switch (random.nextInt(7)) {
                case 0 -> Files.setAttribute(program(name), "unix:mode", random.nextBoolean() ? 04755 : 0555);
                case 1 -> library(name + ".so.1", random.nextBoolean() ? "/opt/a" : "$ORIGIN/../x");
                case 2 ->
                    link(
                            name,
                            List.of("/usr/bin", "/", "/dev/null", "/a/../../../etc/passwd")
                                    .get(random.nextInt(4)));
                case 3 -> link(name, List.of("../../../../etc", "n1", "../n").get(random.nextInt(3)));
                case 4 -> Files.createLink(root.resolve(name + "-again"), program(name));
                case 5 -> file(name, new byte[random.nextInt(200)], "rw-------");
                default -> Files.createDirectories(root.resolve(name));
            }
        }
        age(random);
        if (Files.isDirectory(root.resolve("srv/closed"))) {
            Files.setPosixFilePermissions(root.resolve("srv/closed"), PosixFilePermissions.fromString("r-xr-xr-x"));
        }
    }

    /// Times that nothing made now has.
    private void age(Random random) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            paths.sorted((a, b) -> b.getNameCount() - a.getNameCount()).forEach(path -> {
                try {
                    Replacement.time(path, FileTime.from(Instant.ofEpochSecond(random.nextInt(1_000_000_000), 7)));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /// A shell script that appends its words to a copy of the file.
    static Patchelf patchelf(Path folder) throws IOException {
        Path script = Files.writeString(folder.resolve("patchelf"), """
                #!/bin/sh
                words=$*
                while [ $# -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done
                cat "$1" > "$out" && printf '\\n%s\\n' "$words" >> "$out"
                """);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new Patchelf(script);
    }
}
