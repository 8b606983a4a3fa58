package io.berth.store;

import io.berth.image.Digest;
import io.berth.image.ImageReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Where things are in a repository.
///
/// Shape: the folders may lie apart (udocker lets each be moved); names inside are udocker's.
/// Source: udocker 1.3 repository; what berth adds begins with a dot, which udocker passes over.
///
/// @param engines executables, as `proot-x86_64`
public record RepositoryLayout(
        Path root, Path images, Path layers, Path containers, Path engines, Path libraries, Path documents) {
    public static RepositoryLayout under(Path root) {
        return new RepositoryLayout(
                root,
                root.resolve("repos"),
                root.resolve("layers"),
                root.resolve("containers"),
                root.resolve("bin"),
                root.resolve("lib"),
                root.resolve("doc"));
    }

    /// The same with another root; what lies apart from this one stays where it is.
    public RepositoryLayout movedTo(Path other) {
        return new RepositoryLayout(
                other,
                moved(images, other),
                moved(layers, other),
                moved(containers, other),
                moved(engines, other),
                moved(libraries, other),
                moved(documents, other));
    }

    private Path moved(Path part, Path other) {
        return part.equals(root.resolve(part.getFileName())) ? other.resolve(part.getFileName()) : part;
    }

    /// The folders that make a repository.
    List<Path> parts() {
        return List.of(images, layers, containers, engines, libraries, documents);
    }

    /// What F modes need, apart from udocker's libraries, which have the same names and are others.
    public Path fakeEngines() {
        return libraries.resolve("berth");
    }

    /// An executable kept here for this machine, by udocker's name: `proot-x86_64-4_8_0` (for kernels from 4.8), else
    /// `proot-x86_64`.
    public Optional<Path> engine(String name) {
        for (String suffix : List.of("-4_8_0", "")) {
            Path file = engines.resolve(name + "-" + architecture() + suffix);
            if (Files.isExecutable(file) && Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /// This machine's, as udocker spells it in names of files.
    public static String architecture() {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64" -> "arm64";
            case "i386", "x86" -> "x86";
            default -> System.getProperty("os.arch", "");
        };
    }

    /// What berth keeps for itself: locks and cached facts.
    public Path own() {
        return root.resolve(".berth");
    }

    Path locks() {
        return own().resolve("locks");
    }

    Path lock(String name) {
        return locks().resolve(name + ".lock");
    }

    Path imageFolder(ImageReference reference) {
        return images.resolve(reference.name()).resolve(reference.tagOrDigest());
    }

    Path blob(Digest digest) {
        return layers.resolve(digest.toString());
    }

    Path partialBlob(Digest digest) {
        return layers.resolve("." + digest + ".part");
    }

    Path container(String idOrName) {
        return containers.resolve(idOrName);
    }

    Path draft(String id) {
        return DraftFolders.name(containers, id);
    }
}
