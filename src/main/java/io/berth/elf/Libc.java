package io.berth.elf;

import io.berth.container.InsideView;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The C library of a tree.
///
/// @param version `2.36`; empty when there is none, or it does not say
public record Libc(Kind kind, String version) {
    /// Which one it is.
    public enum Kind {
        GLIBC,
        MUSL,
        NONE
    }

    private static final String LIBRARY = "libc.so.6";
    private static final int LARGEST = 32 << 20;
    /// In its banner: "GNU C Library (...) stable release version 2.36."
    private static final Pattern BANNER =
            Pattern.compile("GNU C Library [^\\x00]{0,100}release version (\\d{1,3}(?:\\.\\d{1,3}){1,2})");
    private static final Pattern MUSL_LOADER = Pattern.compile("ld-musl-[a-z0-9_]+\\.so\\.1");

    static Libc none() {
        return new Libc(Kind.NONE, "");
    }

    /// Beside its loader, else where that looks for libraries.
    ///
    /// @param loader path inside
    /// @param machine as `uname -m` says it
    static Libc of(InsideView view, String loader, String machine) {
        String name = String.valueOf(Path.of(loader).getFileName());
        if (MUSL_LOADER.matcher(name).matches()) {
            return new Libc(Kind.MUSL, "");
        }
        return library(view, loader, machine)
                .map(file -> new Libc(Kind.GLIBC, versionOf(file)))
                .orElseGet(Libc::none);
    }

    private static Optional<Path> library(InsideView view, String loader, String machine) {
        Optional<Path> beside = view.findBeside(loader, LIBRARY).filter(Files::isRegularFile);
        beside.ifPresent(view::reads);
        return beside.or(() -> inFolders(view, machine));
    }

    /// The oldest Linux that the glibc of a tree wants.
    public static Optional<KernelRelease> oldestKernel(InsideView view, String machine) {
        return loaderOf(view, machine)
                .filter(loader -> !loader.contains("musl"))
                .flatMap(loader -> library(view, loader, machine))
                .flatMap(Libc::oldestKernel);
    }

    private static Optional<KernelRelease> oldestKernel(Path library) {
        try {
            return ElfFile.oldestKernel(library);
        } catch (AccessDeniedException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw FaultException.io("reading " + library, e);
        }
    }

    private static Optional<Path> inFolders(InsideView view, String machine) {
        Optional<Path> library = LibraryFolders.of(view, machine).stream()
                .flatMap(folder -> view.find(folder + "/" + LIBRARY).stream())
                .filter(Files::isRegularFile)
                .findFirst();
        library.ifPresent(view::reads);
        return library;
    }

    private static String versionOf(Path library) {
        try (FileChannel channel = FileChannel.open(library, StandardOpenOption.READ)) {
            if (channel.size() > LARGEST) {
                return "";
            }
            String bytes = new String(
                    java.nio.channels.Channels.newInputStream(channel).readNBytes(LARGEST),
                    StandardCharsets.ISO_8859_1);
            int banner = bytes.indexOf("GNU C Library ");
            Matcher matcher = BANNER.matcher(bytes);
            return banner >= 0 && matcher.find(banner) ? matcher.group(1) : "";
        } catch (AccessDeniedException e) {
            return "";
        } catch (IOException e) {
            throw FaultException.io("reading " + library, e);
        }
    }

    /// Whether the version is this one or a later one.
    public boolean isAtLeast(int major, int minor) {
        String[] parts = version.split("\\.");
        if (parts.length < 2) {
            return false;
        }
        int own = Integer.parseInt(parts[0]);
        return own > major || (own == major && Integer.parseInt(parts[1]) >= minor);
    }

    /// As a sentence has it, `glibc 2.36`.
    public String shown() {
        return switch (kind) {
            case GLIBC -> version.isEmpty() ? "glibc" : "glibc " + version;
            case MUSL -> "musl";
            case NONE -> "no C library";
        };
    }

    /// The file that programs in a tree name as their loader.
    static Optional<String> loaderOf(InsideView view, String machine) {
        return java.util.stream.Stream.of(glibcLoader(machine), "/lib/ld-musl-" + machine + ".so.1")
                .filter(path -> view.find(path).filter(Files::isRegularFile).isPresent())
                .findFirst();
    }

    /// Source: the ABI supplement of each architecture.
    private static String glibcLoader(String machine) {
        return switch (machine) {
            case "x86_64" -> "/lib64/ld-linux-x86-64.so.2";
            case "aarch64" -> "/lib/ld-linux-aarch64.so.1";
            case "ppc64le" -> "/lib64/ld64.so.2";
            case "s390x" -> "/lib/ld64.so.1";
            case "riscv64" -> "/lib/ld-linux-riscv64-lp64d.so.1";
            case "arm" -> "/lib/ld-linux-armhf.so.3";
            default -> "/lib/ld-linux.so.2";
        };
    }
}
