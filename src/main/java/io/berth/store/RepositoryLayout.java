package io.berth.store;

import io.berth.image.Digest;
import io.berth.image.ImageReference;
import java.nio.file.Path;

/// Where things are in a repository; no input or output.
///
/// Shape: the folders may lie apart (udocker lets each be moved); names inside are udocker's.
/// Source: udocker 1.3 repository; what berth adds begins with a dot, which udocker passes over.
public record RepositoryLayout(Path root, Path images, Path layers, Path containers) {
    public static RepositoryLayout under(Path root) {
        return new RepositoryLayout(root, root.resolve("repos"), root.resolve("layers"), root.resolve("containers"));
    }

    Path engines() {
        return root.resolve("bin");
    }

    Path libraries() {
        return root.resolve("lib");
    }

    Path documents() {
        return root.resolve("doc");
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
