package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.ImageReference;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/// One repository: its blobs, images and containers.
public record Repository(RepositoryLayout layout, BlobStore blobs, ImageStore images, ContainerStore containers) {
    /// Makes what is missing of a repository's folders, as udocker does on first use.
    public static Repository open(RepositoryLayout layout, Duration patience) {
        layout.parts().forEach(Folders::make);
        return existing(layout, patience);
    }

    /// Makes a new repository, and nothing that lies elsewhere.
    ///
    /// Errors: BUSY when something is there already.
    public static Repository make(RepositoryLayout layout, Duration patience) {
        if (Files.exists(layout.root(), LinkOption.NOFOLLOW_LINKS)) {
            throw FaultException.of(
                    Fault.BUSY,
                    "making repository " + layout.root() + ": it exists already",
                    "name a folder that does not exist");
        }
        layout.parts().stream().filter(part -> part.startsWith(layout.root())).forEach(Folders::make);
        return existing(layout, patience);
    }

    /// Errors: NOT_FOUND when a folder is missing that each repository has.
    public void requireComplete() {
        for (Path part : layout.parts()) {
            if (!Files.isDirectory(part) && !part.equals(layout.documents())) {
                throw FaultException.of(
                        Fault.NOT_FOUND,
                        "using repository " + layout.root() + ": there is no folder " + part,
                        "berth mkrepo makes one, or name another");
            }
        }
    }

    /// What was probably meant by a word that is neither a container nor an image here.
    public Optional<String> near(String word) {
        return containers.near(word).or(() -> imageNear(word)).filter(near -> !near.equals(word));
    }

    private Optional<String> imageNear(String word) {
        try {
            return images.near(ImageReference.parse(word));
        } catch (FaultException e) {
            return Optional.empty(); // it cannot be an image
        }
    }

    /// The same as a hint.
    public String hintFor(String word) {
        return near(word)
                .map(near -> "did you mean '" + near + "'?")
                .orElse("berth ps and berth images list what is here");
    }

    /// The same, whose new containers are on the disk before anybody sees them.
    ///
    /// @param flush waits until the file system of a folder is on its disk
    public Repository flushedBy(Consumer<Path> flush) {
        return new Repository(layout, blobs, images, new ContainerStore(layout, flush));
    }

    /// Reads only: an absent repository is an empty one.
    public static Repository existing(RepositoryLayout layout, Duration patience) {
        return new Repository(
                layout,
                new BlobStore(layout, patience),
                new ImageStore(layout, patience),
                new ContainerStore(layout, _ -> {}));
    }
}
