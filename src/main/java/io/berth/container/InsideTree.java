package io.berth.container;

import io.berth.files.Folders;
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

    /// What a folder holds, sorted; nothing when it is not there or closed to the caller.
    public List<Path> entries(String folder) {
        return find(folder).filter(Files::isReadable).map(Folders::list).orElse(List.of());
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
