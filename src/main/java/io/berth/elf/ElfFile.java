package io.berth.elf;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/// What the headers of a program or library say.
///
/// Source: System V ABI, "Object Files" and "Program Loading and Dynamic Linking".
///
/// @param bits 32 or 64
/// @param machine as `e_machine` numbers it
/// @param shared whether it may be loaded anywhere: a library, or a program that is position independent
/// @param dynamic whether it has anything for a loader to do
/// @param interpreter the loader that the kernel starts in its place
/// @param needed names of the libraries that it wants
/// @param rpath DT_RPATH, colon separated
/// @param runpath DT_RUNPATH, colon separated
public record ElfFile(
        int bits,
        boolean littleEndian,
        int machine,
        boolean shared,
        boolean dynamic,
        Optional<String> interpreter,
        List<String> needed,
        Optional<String> rpath,
        Optional<String> runpath) {
    private static final int SMALLEST = 52;

    public ElfFile {
        needed = List.copyOf(needed);
    }

    /// Absent when it is no program or library, or a damaged one: whatever its bytes say, little is read of it.
    ///
    /// @param file no link is followed
    /// @throws IOException when it cannot be read
    public static Optional<ElfFile> read(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            return channel.size() < SMALLEST ? Optional.empty() : new ElfReader(channel).read();
        }
    }

    /// The oldest Linux that a library wants; absent when it says none, or is no library.
    ///
    /// @throws IOException when it cannot be read
    static Optional<KernelRelease> oldestKernel(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return channel.size() < SMALLEST ? Optional.empty() : new ElfReader(channel).oldestKernel();
        }
    }

    /// Whether nothing is left to a loader, so that no library can be put in front.
    public boolean isStatic() {
        return interpreter.isEmpty();
    }

    /// The machine as `uname -m` says it; its number when it is a rare one.
    public String machineName() {
        return switch (machine) {
            case 3 -> "i686";
            case 8 -> "mips";
            case 20 -> "ppc";
            case 21 -> littleEndian ? "ppc64le" : "ppc64";
            case 22 -> "s390x";
            case 40 -> "arm";
            case 62 -> bits == 64 ? "x86_64" : "x32";
            case 183 -> "aarch64";
            case 243 -> bits == 64 ? "riscv64" : "riscv32";
            case 258 -> "loongarch64";
            default -> Integer.toString(machine);
        };
    }
}
