package io.berth.ready;

import io.berth.container.InsideView;
import io.berth.elf.ElfFile;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A container that udocker made ready for an F mode. It keeps no originals but the loader's, so what it wrote
/// into links and programs is taken out again: the path of the tree in front of each.
///
/// Source: udocker 1.3, "setup": leaving F restores loader, ELF files and links.
public final class UdockerPrepared {
    private static final int SMALLEST_PROGRAM = 64;

    private final Path folder;
    private final Path root;
    private final Optional<Patchelf> patchelf;
    private final List<String> notices = new ArrayList<>();

    /// @param folder of the container, which holds `ROOT`
    public UdockerPrepared(Path folder, Optional<Patchelf> patchelf) {
        this.folder = folder;
        this.root = folder.resolve("ROOT");
        this.patchelf = patchelf;
    }

    /// Errors: HOST_UNFIT when programs have to be changed and there is no patchelf.
    ///
    /// @param programs whether there may be changed ones although no full change of them is noted
    /// @return what stays as it is, a line each
    public List<String> undo(boolean programs) {
        try {
            List<String> prefixes = prefixes();
            boolean patched = programs || Files.exists(folder.resolve("patch.time"));
            Patchelf tool = !patched
                    ? new Patchelf(Path.of("/"))
                    : patchelf.orElseThrow(() -> FaultException.of(
                            Fault.HOST_UNFIT,
                            "undoing an F mode in " + folder + ": there is no patchelf in the distribution",
                            "use the tool that set it up, or a distribution with engines"));
            try (Replacement replacement =
                    new Replacement(root, ReadyContainer.stateIn(folder).resolve("drafts"), Optional.empty())) {
                restoreLoader(replacement);
                for (Path file : files()) {
                    if (Files.isSymbolicLink(file)) {
                        unlink(file, prefixes, replacement);
                    } else if (patched) {
                        unpatch(file, prefixes, tool, replacement);
                    }
                }
            }
            for (String name : List.of("ld.so.orig", "ld.so.path", "ld.lib.dirs", "patch.time", "patch.path")) {
                Files.deleteIfExists(folder.resolve(name));
            }
            return notices;
        } catch (IOException e) {
            throw FaultException.io("undoing an F mode in " + folder, e);
        }
    }

    /// Where the tree was when it was changed, and where it is.
    private List<String> prefixes() throws IOException {
        List<String> prefixes = new ArrayList<>(List.of(root.toRealPath().toString()));
        if (Files.exists(folder.resolve("root.path"))) {
            prefixes.add(Files.readString(folder.resolve("root.path")).strip());
        }
        if (Files.exists(folder.resolve("patch.path"))) {
            prefixes.add(Files.readString(folder.resolve("patch.path")).strip() + "/ROOT");
        }
        return prefixes.stream()
                .filter(prefix -> prefix.startsWith("/"))
                .distinct()
                .toList();
    }

    private void restoreLoader(Replacement replacement) throws IOException {
        Path original = folder.resolve("ld.so.orig");
        Path named = folder.resolve("ld.so.path");
        if (!Files.isRegularFile(original, LinkOption.NOFOLLOW_LINKS) || !Files.isRegularFile(named)) {
            return;
        }
        String path = Files.readString(named).strip();
        Optional<Path> loader = new InsideView(root, List.of()).find(path).filter(Files::isRegularFile);
        if (loader.isPresent()) {
            Path draft = replacement.draft();
            Files.copy(original, draft, StandardCopyOption.COPY_ATTRIBUTES);
            replacement.file(draft, loader.get());
        }
    }

    private List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isSymbolicLink()
                        || (attributes.isRegularFile() && attributes.size() >= SMALLEST_PROGRAM)) {
                    files.add(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException problem) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    private static void unlink(Path link, List<String> prefixes, Replacement replacement) throws IOException {
        Path text = Files.readSymbolicLink(link);
        for (String prefix : prefixes) {
            if (text.startsWith(prefix)) {
                replacement.link(link, Path.of("/").resolve(Path.of(prefix).relativize(text)));
                return;
            }
        }
    }

    private void unpatch(Path file, List<String> prefixes, Patchelf tool, Replacement replacement) throws IOException {
        Optional<ElfFile> elf = Files.isReadable(file) ? ElfFile.read(file) : Optional.empty();
        if (elf.isEmpty()) {
            return;
        }
        String rpath = elf.get().runpath().or(elf.get()::rpath).orElse("");
        String plain = Stream.of(rpath.split(":"))
                .map(part -> stripped(part, prefixes))
                .filter(part -> !part.isEmpty())
                .distinct()
                .collect(Collectors.joining(":"));
        Optional<String> loader = elf.get().interpreter().map(path -> stripped(path, prefixes));
        if (loader.equals(elf.get().interpreter()) && plain.equals(rpath)) {
            return;
        }
        Path draft = replacement.draft();
        Optional<String> problem = tool.patch(file, draft, loader, plain);
        if (problem.isPresent()) {
            notices.add("/" + root.relativize(file) + " stays as it is: " + problem.get());
        } else {
            replacement.file(draft, file);
        }
    }

    private static String stripped(String path, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (path.startsWith(prefix + "/")) {
                return path.substring(prefix.length());
            }
        }
        return path;
    }
}
