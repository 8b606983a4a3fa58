package io.berth.ready;

import io.berth.container.InsideView;
import io.berth.elf.ImageFacts;
import io.berth.elf.LibraryFolders;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import io.berth.image.Platform;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A container whose own tree is made ready, as udocker does, and put back.
///
/// Each file that is changed keeps its old self under `.berth/ready/originals`, so putting back is one rename a file:
/// bytes, times, permissions and hard links are the old ones. A marker stands there while the tree is neither.
///
/// Source: udocker 1.3, "Containers": `ld.so.path`, `ld.so.orig`, `ld.lib.dirs`, `patch.time`, `patch.path`.
public final class ReadyContainer {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<String> UDOCKER_FILES =
            List.of("ld.so.path", "ld.so.orig", "ld.lib.dirs", "patch.time", "patch.path");

    private final Path folder;
    private final Path root;
    private final Path state;

    /// @param folder of the container, which holds `ROOT`
    public ReadyContainer(Path folder) {
        this.folder = folder;
        this.root = folder.resolve("ROOT");
        this.state = stateIn(folder);
    }

    /// Where it is kept what was done to a container's tree.
    ///
    /// @param folder of the container
    public static Path stateIn(Path folder) {
        return folder.resolve(".berth/ready");
    }

    /// Takes down for which mode the tree was made ready, and whether that was ended.
    public void note(Evidence evidence) {
        evidence.content(state.resolve("mode"));
        evidence.content(state.resolve("changing"));
    }

    /// Whether berth made it ready, and so can put it back exactly.
    public boolean isOurs() {
        return Files.exists(state.resolve("mode"));
    }

    /// Whether a change was begun and not ended.
    public boolean isInterrupted() {
        return Files.exists(state.resolve("changing"));
    }

    /// Makes the tree ready; what an earlier mode made is put back before.
    ///
    /// Errors: HOST_UNFIT for an image that F modes cannot start, and then nothing is changed.
    ///
    /// @param mode by udocker's name
    /// @param address real path that the folder of the container has, or is going to have
    /// @return what the user should know, a line each
    public List<String> prepare(String mode, Path address, Optional<Patchelf> patchelf) {
        Readiness readiness = Readiness.of(mode);
        Folders.make(state);
        try (LockFile lock = lock()) {
            AtomicFile.write(state.resolve("changing"), mode, "rw-r--r--");
            putBack();
            List<String> notices;
            try (Replacement replacement = replacement(Optional.of(originals()))) {
                notices =
                        TreePreparation.prepare(root, address.resolve("ROOT").toString(), mode, patchelf, replacement);
            } catch (FaultException e) {
                putBack();
                Files.deleteIfExists(state.resolve("changing"));
                throw e;
            }
            writeForUdocker(readiness, address);
            AtomicFile.write(state.resolve("mode"), mode, "rw-r--r--");
            Files.delete(state.resolve("changing"));
            return notices;
        } catch (IOException e) {
            throw FaultException.io("preparing " + root, e);
        }
    }

    /// Puts each file back that is still the one that was put in its place; one that was changed since stays.
    public void restore() {
        if (!Files.isDirectory(state)) {
            return;
        }
        try (LockFile lock = lock()) {
            AtomicFile.write(state.resolve("changing"), "", "rw-r--r--");
            putBack();
            Files.delete(state.resolve("changing"));
        } catch (IOException e) {
            throw FaultException.io("putting back " + root, e);
        }
    }

    /// Puts the originals of this container into a copy of it.
    ///
    /// @param copy folder of the other one, with times as they are here
    public void restoreIn(Path copy) {
        if (!Files.isDirectory(originals())) {
            return;
        }
        Map<Object, Path> placed = new HashMap<>();
        Path tree = copy.resolve("ROOT");
        try (Replacement replacement = new Replacement(tree, stateIn(copy).resolve("drafts"), Optional.empty())) {
            Files.walkFileTree(originals(), new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path kept, BasicFileAttributes attributes) throws IOException {
                    Path place = tree.resolve(originals().relativize(kept));
                    if (!isTheReplacement(kept, place)) {
                        return FileVisitResult.CONTINUE;
                    }
                    Object inode = Files.getAttribute(kept, "unix:ino", LinkOption.NOFOLLOW_LINKS);
                    Path earlier = placed.putIfAbsent(inode, place);
                    if (earlier != null) {
                        replacement.again(earlier, place);
                    } else {
                        replacement.whole(kept, place);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw FaultException.io("putting back " + tree, e);
        }
    }

    /// What a file of the tree was before; the file itself when it was not changed.
    public Path original(Path file) {
        Path kept = originals().resolve(root.relativize(file));
        return Files.exists(kept, LinkOption.NOFOLLOW_LINKS)
                        && !Files.isDirectory(kept, LinkOption.NOFOLLOW_LINKS)
                        && isTheReplacement(kept, file)
                ? kept
                : file;
    }

    private LockFile lock() {
        return LockFile.acquire(state.resolve("lock"), PATIENCE, "the setup of container " + folder.getFileName());
    }

    private Path originals() {
        return state.resolve("originals");
    }

    private Replacement replacement(Optional<Path> originals) {
        return new Replacement(root, state.resolve("drafts"), originals);
    }

    private void putBack() throws IOException {
        if (Files.isDirectory(originals())) {
            try (Replacement replacement = replacement(Optional.empty())) {
                Files.walkFileTree(originals(), new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path kept, BasicFileAttributes attributes) throws IOException {
                        Path place = root.resolve(originals().relativize(kept));
                        if (Folders.holdsDirectly(root, place) && isTheReplacement(kept, place)) {
                            replacement.back(kept, place);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                });
            }
            TreeRemoval.remove(originals());
        }
        for (String name : UDOCKER_FILES) {
            if (isOurs() || Files.exists(state.resolve("changing"))) {
                Files.deleteIfExists(folder.resolve(name));
            }
        }
        Files.deleteIfExists(state.resolve("mode"));
    }

    /// By its time, which it was given from the original: whatever a program writes has another.
    private static boolean isTheReplacement(Path kept, Path place) {
        try {
            BasicFileAttributes now = Files.readAttributes(place, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            BasicFileAttributes before =
                    Files.readAttributes(kept, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return now.lastModifiedTime().equals(before.lastModifiedTime())
                    && now.isSymbolicLink() == before.isSymbolicLink()
                    && now.isRegularFile() == before.isRegularFile();
        } catch (IOException e) {
            return false; // a program has removed it
        }
    }

    private void writeForUdocker(Readiness readiness, Path address) throws IOException {
        ImageFacts facts = ImageFacts.read(root, List.of(), "", "");
        String loader = facts.loader().orElseThrow();
        InsideView view = new InsideView(root, List.of());
        AtomicFile.write(folder.resolve("ld.so.path"), loader, "rw-r--r--");
        AtomicFile.write(
                folder.resolve("ld.lib.dirs"),
                String.join(":", LibraryFolders.of(view, Platform.machine())),
                "rw-r--r--");
        if (readiness.includes(Readiness.LOADER)) {
            Path original = original(view.find(loader).orElseThrow());
            Path copy = state.resolve("ld.so.orig");
            Files.copy(original, copy, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
            Files.move(copy, folder.resolve("ld.so.orig"), StandardCopyOption.ATOMIC_MOVE);
        }
        if (readiness.includes(Readiness.PROGRAMS)) {
            AtomicFile.write(folder.resolve("patch.path"), address.toString(), "rw-r--r--");
            AtomicFile.write(
                    folder.resolve("patch.time"),
                    Long.toString(Clock.systemUTC().instant().getEpochSecond()),
                    "rw-r--r--");
        }
    }
}
