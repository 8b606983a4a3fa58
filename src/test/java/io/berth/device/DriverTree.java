package io.berth.device;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A host's root with as much of a driver as a test wants. Libraries are real ELF headers with a SONAME and nothing
/// else.
final class DriverTree {
    static final String LIB64 = "/usr/lib/x86_64-linux-gnu";
    static final String LIB32 = "/usr/lib/i386-linux-gnu";

    private final Path root;
    private final Map<String, String> cached = new LinkedHashMap<>();

    DriverTree(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    Path at(String path) {
        return root.resolve(path.substring(1));
    }

    /// A driver as a distribution installs it, with its GPUs.
    static DriverTree complete(Path root, String version, int gpus) {
        DriverTree tree = new DriverTree(root).module(version).gpus(gpus, "NVIDIA A100-SXM4-40GB");
        tree.release(LIB64, version, 64).programs().cache();
        return tree;
    }

    DriverTree module(String version) {
        return file(
                "/proc/driver/nvidia/version",
                "NVRM version: NVIDIA UNIX x86_64 Kernel Module  " + version
                        + "  Thu Mar 14 18:46:51 UTC 2024\nGCC version:  gcc version 12.2.0\n");
    }

    DriverTree gpus(int count, String model) {
        for (int i = 0; i < count; i++) {
            file("/dev/nvidia" + i, "");
            file("/proc/driver/nvidia/gpus/0000:0" + i + ":00.0/information", "Model: \t\t " + model + "\nIRQ: 9\n");
        }
        return file("/dev/nvidiactl", "").file("/dev/nvidia-uvm", "").file("/dev/nvidia-caps/nvidia-cap1", "");
    }

    /// Libraries of one release, known to the linker.
    DriverTree release(String folder, String version, int bits) {
        for (Capability capability : Capability.values()) {
            for (String stem : capability.libraries()) {
                library(folder, stem, version, bits);
            }
        }
        return this;
    }

    DriverTree library(String folder, String stem, String version, int bits) {
        String soname = stem + ".so.1";
        file(folder + "/" + stem + ".so." + version, elf(bits, soname));
        link(folder + "/" + soname, stem + ".so." + version);
        cached.put(folder + "/" + soname, soname);
        return this;
    }

    DriverTree programs() {
        for (String program :
                List.of("nvidia-smi", "nvidia-debugdump", "nvidia-persistenced", "nvidia-cuda-mps-control")) {
            program("/usr/bin/" + program);
        }
        return this;
    }

    DriverTree program(String path) {
        file(path, "#!/bin/sh\n");
        try {
            Files.setPosixFilePermissions(at(path), PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    DriverTree cache() {
        return file("/etc/ld.so.cache", cacheOf(cached));
    }

    DriverTree file(String path, String text) {
        return file(path, text.getBytes(StandardCharsets.UTF_8));
    }

    DriverTree file(String path, byte[] content) {
        try {
            Files.createDirectories(at(path).resolveSibling(""));
            Files.deleteIfExists(at(path));
            Files.write(at(path), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    DriverTree link(String path, String leads) {
        try {
            Files.createDirectories(at(path).resolveSibling(""));
            Files.deleteIfExists(at(path));
            Files.createSymbolicLink(at(path), Path.of(leads));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    DriverTree remove(String path) {
        try {
            Files.delete(at(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /// Header, one loaded segment, one dynamic section: what a reader of names looks at.
    static byte[] elf(int bits, String soname) {
        boolean wide = bits == 64;
        ByteBuffer file = ByteBuffer.allocate(512).order(ByteOrder.LITTLE_ENDIAN);
        int head = wide ? 64 : 52;
        int size = wide ? 56 : 32;
        int dynamic = head + 2 * size;
        int word = wide ? 8 : 4;
        int strings = dynamic + 6 * word;
        file.putInt(0, 0x464c457f)
                .put(4, (byte) (wide ? 2 : 1))
                .put(5, (byte) 1)
                .put(6, (byte) 1);
        file.putShort(16, (short) 3).putShort(18, (short) (wide ? 62 : 3));
        number(file, wide ? 32 : 28, head, wide);
        file.putShort(wide ? 54 : 42, (short) size).putShort(wide ? 56 : 44, (short) 2);
        segment(file, head, 1, 0, 0x1000, 512, wide);
        segment(file, head + size, 2, dynamic, 0x1000 + dynamic, 6 * word, wide);
        number(file, dynamic, 5, wide);
        number(file, dynamic + word, 0x1000 + strings, wide);
        number(file, dynamic + 2 * word, 14, wide);
        number(file, dynamic + 3 * word, 1, wide);
        file.put(strings + 1, soname.getBytes(StandardCharsets.US_ASCII));
        return file.array();
    }

    private static void segment(ByteBuffer file, int at, int type, int offset, int address, int length, boolean wide) {
        file.putInt(at, type);
        number(file, at + (wide ? 8 : 4), offset, wide);
        number(file, at + (wide ? 16 : 8), address, wide);
        number(file, at + (wide ? 32 : 16), length, wide);
    }

    private static void number(ByteBuffer file, int at, long value, boolean wide) {
        if (wide) {
            file.putLong(at, value);
        } else {
            file.putInt(at, (int) value);
        }
    }

    /// The newer format alone.
    ///
    /// @param paths each with the name that is asked for
    static byte[] cacheOf(Map<String, String> paths) {
        return written(paths, 48, 24, "glibc-ld.so.cache1.1", true);
    }

    /// The older format, alone or with the newer one behind it.
    static byte[] oldCacheOf(Map<String, String> paths, Map<String, String> newer) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (newer.isEmpty()) {
            out.writeBytes(written(paths, 16, 12, "ld.so-1.7.0", false));
            return out.toByteArray();
        }
        byte[] old = written(Map.of(), 16, 12, "ld.so-1.7.0", false);
        out.writeBytes(old);
        out.writeBytes(new byte[(8 - old.length % 8) % 8]);
        out.writeBytes(cacheOf(newer));
        return out.toByteArray();
    }

    private static byte[] written(Map<String, String> paths, int header, int size, String magic, boolean fromStart) {
        ByteArrayOutputStream strings = new ByteArrayOutputStream();
        int base = header + size * paths.size();
        List<int[]> places = new ArrayList<>();
        paths.forEach((path, name) -> {
            int key = (fromStart ? base : 0) + strings.size();
            strings.writeBytes((name + "\0").getBytes(StandardCharsets.UTF_8));
            int value = (fromStart ? base : 0) + strings.size();
            strings.writeBytes((path + "\0").getBytes(StandardCharsets.UTF_8));
            places.add(new int[] {key, value});
        });
        ByteBuffer file = ByteBuffer.allocate(base + strings.size()).order(ByteOrder.nativeOrder());
        file.put(0, magic.getBytes(StandardCharsets.US_ASCII));
        file.putInt(fromStart ? 20 : 12, paths.size());
        for (int i = 0; i < places.size(); i++) {
            file.putInt(header + i * size, 0x303);
            file.putInt(header + i * size + 4, places.get(i)[0]);
            file.putInt(header + i * size + 8, places.get(i)[1]);
        }
        file.put(base, strings.toByteArray());
        return file.array();
    }
}
