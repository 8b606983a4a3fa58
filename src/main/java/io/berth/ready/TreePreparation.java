package io.berth.ready;

import static java.util.Objects.requireNonNull;

import io.berth.container.InsideView;
import io.berth.elf.ElfFile;
import io.berth.elf.ImageFacts;
import io.berth.elf.LibraryFolders;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Platform;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Makes a tree ready for the F modes: links that stay inside when the tree is not `/`, a loader that knows no
/// folder of the host, programs that name that loader.
public final class TreePreparation {
    private static final int SMALLEST_PROGRAM = 64;
    private static final int ANYONE_EXECUTES = 0111;
    private static final Set<String> LEFT_ALONE = Set.of("libc.so.6");

    private final Path tree;
    private final String address;
    private final ImageFacts facts;
    private final List<String> libraries;
    private final List<Path> links = new ArrayList<>();
    private final List<Path> files = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();

    private TreePreparation(Path tree, String address) {
        this.tree = tree;
        this.address = address;
        this.facts = ImageFacts.read(tree, List.of(), "", "");
        this.libraries = LibraryFolders.of(new InsideView(tree, List.of()), Platform.machine());
    }

    /// Errors: HOST_UNFIT for a tree that no F mode can start; those of the file system.
    ///
    /// @param tree to change
    /// @param mode by udocker's name, F1 to F4
    /// @param address path by which its programs will name it, when it has its final place
    /// @return what the user should know, a line each
    static List<String> prepare(
            Path tree, String address, String mode, Optional<Patchelf> patchelf, Replacement replacement) {
        Readiness readiness = Readiness.of(mode);
        TreePreparation preparation = new TreePreparation(tree, address);
        preparation.facts.unpreparable().ifPresent(why -> {
            throw FaultException.of(
                    Fault.HOST_UNFIT,
                    "preparing " + tree + " for mode " + mode + ": it cannot " + why,
                    "use R1 or P1, which need nothing of the image");
        });
        try {
            preparation.look(readiness.includes(Readiness.PROGRAMS));
            for (Path link : preparation.links) {
                preparation.relink(link, replacement);
            }
            if (readiness.includes(Readiness.LOADER)) {
                preparation.neutralise(replacement);
            }
            if (readiness.includes(Readiness.PROGRAMS)) {
                preparation.patch(
                        patchelf.orElseThrow(() -> FaultException.of(
                                Fault.HOST_UNFIT,
                                "preparing " + tree + " for mode " + mode
                                        + ": there is no patchelf in the distribution",
                                "use F1 or F2, or a distribution with engines")),
                        replacement);
            }
            return preparation.notices;
        } catch (IOException e) {
            throw FaultException.io("preparing " + tree, e);
        }
    }

    private void look(boolean programs) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isSymbolicLink()) {
                    links.add(file);
                } else if (programs && attributes.isRegularFile() && attributes.size() >= SMALLEST_PROGRAM) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            /// A folder that is closed to its own owner has nothing that could be started.
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private void relink(Path link, Replacement replacement) throws IOException {
        int depth = tree.relativize(link).getNameCount() - 1;
        Optional<Path> text = LinkText.relative(depth, Files.readSymbolicLink(link));
        if (text.isPresent()) {
            replacement.link(link, text.get());
        }
    }

    private Path loader() {
        return new InsideView(tree, List.of())
                .find(facts.loader().orElseThrow())
                .orElseThrow();
    }

    private void neutralise(Replacement replacement) throws IOException {
        Path loader = loader();
        Path draft = replacement.draft();
        Files.write(draft, LoaderBytes.neutral(Files.readAllBytes(loader), Platform.machine()));
        replacement.file(draft, loader);
    }

    /// @param made empty when the file needs no change; else the draft, or what went wrong
    private record Patched(Path file, Object inode, Optional<Path> made, Optional<String> problem) {}

    private void patch(Patchelf patchelf, Replacement replacement) throws IOException {
        Path loader = loader();
        Map<Object, List<Path>> names = new HashMap<>();
        for (Path file : files) {
            if (mayBeProgram(file) && !file.equals(loader)) {
                names.computeIfAbsent(Files.getAttribute(file, "unix:ino"), _ -> new ArrayList<>())
                        .add(file);
            }
        }
        for (Patched patched : patchAll(names, patchelf, replacement)) {
            patched.problem()
                    .ifPresent(what -> notices.add("/" + tree.relativize(patched.file()) + " stays as it is: " + what));
            if (patched.made().isPresent()) {
                replacement.file(patched.made().get(), patched.file());
                for (Path other : requireNonNull(names.get(patched.inode())).stream()
                        .skip(1)
                        .toList()) {
                    replacement.again(patched.file(), other);
                }
            }
        }
    }

    private static boolean mayBeProgram(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        return !LEFT_ALONE.contains(name)
                && (name.contains(".so") || ((Integer) Files.getAttribute(file, "unix:mode") & ANYONE_EXECUTES) != 0);
    }

    private List<Patched> patchAll(Map<Object, List<Path>> names, Patchelf patchelf, Replacement replacement)
            throws IOException {
        int workers = Math.clamp(Runtime.getRuntime().availableProcessors(), 2, 16);
        try (ExecutorService pool = Executors.newFixedThreadPool(workers)) {
            List<Future<Patched>> waiting = new ArrayList<>();
            names.forEach((inode, places) ->
                    waiting.add(pool.submit(() -> patchOne(inode, places.getFirst(), patchelf, replacement))));
            List<Patched> all = new ArrayList<>();
            for (Future<Patched> one : waiting) {
                all.add(one.get());
            }
            return all;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FaultException fault) {
                throw fault;
            }
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FaultException.of(Fault.INTERRUPTED, "preparing " + tree + ": stopped", "run it again", e);
        }
    }

    private Patched patchOne(Object inode, Path file, Patchelf patchelf, Replacement replacement) throws IOException {
        Optional<ElfFile> elf = Files.isReadable(file) ? ElfFile.read(file) : Optional.empty();
        boolean wanted = elf.filter(ElfFile::dynamic)
                .filter(found -> found.machineName().equals(Platform.machine()))
                .filter(found -> found.interpreter()
                        .map(facts.loader().orElseThrow()::equals)
                        .orElse(found.rpath().isPresent() || found.runpath().isPresent()))
                .isPresent();
        if (!wanted) {
            return new Patched(file, inode, Optional.empty(), Optional.empty());
        }
        Path draft = replacement.draft();
        Optional<String> problem =
                patchelf.patch(file, draft, elf.get().interpreter().map(path -> address + path), rpath(elf.get()));
        return new Patched(file, inode, problem.isPresent() ? Optional.empty() : Optional.of(draft), problem);
    }

    /// Its own folders first, those of the image then; what is relative to the program stays so.
    private String rpath(ElfFile elf) {
        Stream<String> own = Stream.of(elf.runpath().or(elf::rpath).orElse("").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> folder.startsWith("/") ? address + folder : folder);
        return Stream.concat(own, libraries.stream().map(folder -> address + folder))
                .collect(Collectors.joining(":"));
    }
}
