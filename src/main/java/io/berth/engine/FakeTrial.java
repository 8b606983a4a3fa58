package io.berth.engine;

import io.berth.container.InsideView;
import io.berth.elf.ElfFile;
import io.berth.elf.LibraryFolders;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.Platform;
import io.berth.ready.Patchelf;
import io.berth.ready.ReadyCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;

/// The trial of the F modes: a static program would show nothing, so the host's own shell with its libraries, made
/// ready for the mode, has to print a file that only the tree has.
final class FakeTrial {
    private static final String SHELL = "/bin/sh";
    private static final String TOKEN = "token";
    private static final int MOST_LIBRARIES = 30;

    private final Path folder;
    private final Fakechroot fakechroot;
    private final InsideView host = new InsideView(Path.of("/"), List.of());

    /// @param folder private, for the trial alone
    FakeTrial(Path folder, Fakechroot fakechroot) {
        this.folder = folder;
        this.fakechroot = fakechroot;
    }

    static List<String> words() {
        return List.of(SHELL, "-c", "read -r line < /" + TOKEN + "; echo \"$line\"; exit " + HostProbe.TRIAL_STATUS);
    }

    /// A tree for the mode.
    ///
    /// Errors: HOST_UNFIT when the host has no shell that loads libraries.
    Path tree(ExecutionMode mode, String token) {
        Path base = folder.resolve("shell");
        Path root = folder.resolve("shell-" + mode + "/rootfs");
        try {
            if (!Files.exists(base)) {
                fill(Folders.make(base));
            }
            Folders.make(root);
            Optional<Patchelf> patchelf = Optional.of(new Patchelf(fakechroot.patchelf()));
            new ReadyCopy(mode.name(), List.of(), folder.resolve("none"), patchelf).make(base, root, root.toRealPath());
            Files.writeString(root.resolve(TOKEN), token);
            return root;
        } catch (IOException e) {
            throw FaultException.io("preparing a trial in " + folder, e);
        }
    }

    private void fill(Path tree) throws IOException {
        Path shell = host.find(SHELL).orElseThrow(FakeTrial::nothingToTry);
        ElfFile elf = ElfFile.read(shell).orElseThrow(FakeTrial::nothingToTry);
        String loader = elf.interpreter().orElseThrow(FakeTrial::nothingToTry);
        Path libraries = Path.of("/").relativize(Path.of(loader)).resolveSibling("");
        Path inTree = Folders.make(tree.resolve(libraries.toString()));
        Files.copy(
                host.find(loader).orElseThrow(FakeTrial::nothingToTry),
                inTree.resolve(Path.of(loader).getFileName()));
        Files.copy(shell, Folders.make(tree.resolve("bin")).resolve("sh"));
        Files.writeString(Folders.make(tree.resolve("etc")).resolve("ld.so.conf"), "/" + libraries + "\n");
        for (Path library : librariesOf(neededBy(shell, fakechroot.library(), fakechroot.companion()))) {
            Path name = library.getFileName();
            if (!Files.exists(inTree.resolve(name))) {
                Files.copy(library, inTree.resolve(name));
            }
        }
    }

    private static List<String> neededBy(Path... files) throws IOException {
        List<String> needed = new ArrayList<>();
        for (Path file : files) {
            ElfFile.read(file).ifPresent(elf -> needed.addAll(elf.needed()));
        }
        return needed;
    }

    /// Also those that they need.
    private SequencedSet<Path> librariesOf(List<String> needed) throws IOException {
        List<String> folders = LibraryFolders.of(host, Platform.machine());
        SequencedSet<Path> found = new LinkedHashSet<>();
        Deque<String> wanted = new ArrayDeque<>(needed);
        while (!wanted.isEmpty() && found.size() < MOST_LIBRARIES) {
            String name = wanted.removeFirst();
            Optional<String> path = folders.stream()
                    .map(place -> place + "/" + name)
                    .filter(place -> host.find(place).isPresent())
                    .findFirst();
            if (path.isPresent() && found.add(Path.of(path.get()))) {
                ElfFile.read(host.find(path.get()).orElseThrow()).ifPresent(elf -> wanted.addAll(elf.needed()));
            }
        }
        return found;
    }

    private static FaultException nothingToTry() {
        return FaultException.of(
                Fault.HOST_UNFIT,
                "trying F modes: " + SHELL + " of this host loads no libraries that could be tried",
                "use R1 or P1");
    }
}
