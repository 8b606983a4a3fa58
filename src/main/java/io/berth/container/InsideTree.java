package io.berth.container;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A tree seen as its own root: links, also absolute ones, are followed inside it and never lead out.
public record InsideTree(Path root) {
    /// The file behind an absolute path inside; its last part is no link any more.
    public Optional<Path> find(String path) {
        return new InsideView(root, List.of()).find(path);
    }

    public boolean hasFolder(String path) {
        return find(path).filter(Files::isDirectory).isPresent();
    }

    /// The longest beginning of the path that is there as a folder.
    public String nearestFolder(String path) {
        Path at = Path.of(path).normalize().getParent();
        while (at != null && !hasFolder(at.toString())) {
            at = at.getParent();
        }
        return at == null ? "/" : at.toString();
    }
}
