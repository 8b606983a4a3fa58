package io.berth.store;

import io.berth.files.Folders;
import java.time.Duration;

/// One repository: its blobs, images and containers.
public record Repository(RepositoryLayout layout, BlobStore blobs, ImageStore images, ContainerStore containers) {
    /// Makes what is missing of a repository's folders, as udocker does on first use.
    public static Repository open(RepositoryLayout layout, Duration patience) {
        Folders.make(layout.images());
        Folders.make(layout.layers());
        Folders.make(layout.containers());
        Folders.make(layout.engines());
        Folders.make(layout.libraries());
        Folders.make(layout.documents());
        return existing(layout, patience);
    }

    /// Reads only: an absent repository is an empty one.
    public static Repository existing(RepositoryLayout layout, Duration patience) {
        return new Repository(
                layout, new BlobStore(layout, patience), new ImageStore(layout), new ContainerStore(layout));
    }
}
