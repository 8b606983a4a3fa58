package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Walks `repos`, where each name is a folder and each tag a folder in it.
///
/// One listing and one stat an image: a list of hundreds must not take long.
final class ImageFolders {
    /// What an image's folder holds beside links to blobs.
    private static final Set<String> FILES =
            Set.of("TAG", "PROTECT", "v1", "v2", "manifest", "ancestry", "container.json");

    private final Path images;
    private final List<ImageEntry> entries = new ArrayList<>();
    private final List<Path> unfinished = new ArrayList<>();
    private final Set<String> blobs = new HashSet<>();

    private ImageFolders(Path images) {
        this.images = images;
    }

    static ImageFolders walk(Path images) {
        ImageFolders folders = new ImageFolders(images);
        folders.enter(images);
        return folders;
    }

    /// Sorted by name.
    List<ImageEntry> entries() {
        entries.sort(Comparator.comparing(ImageEntry::name));
        return entries;
    }

    /// Folders of images that are not there any more, or not yet.
    List<Path> unfinished() {
        return unfinished;
    }

    /// Names of the blobs that images have.
    Set<String> blobs() {
        return blobs;
    }

    private void enter(Path folder) {
        Set<String> names = names(folder);
        List<String> held = new ArrayList<>();
        for (String name : names) {
            if (isBlob(name) && !isPinnedTag(folder.resolve(name))) {
                held.add(name);
            } else if (!FILES.contains(name) && !name.startsWith(".")) {
                enter(folder.resolve(name));
            }
        }
        if (names.contains("TAG") && Files.isRegularFile(folder.resolve("TAG"), LinkOption.NOFOLLOW_LINKS)) {
            entries.add(new ImageEntry(display(folder), folder, names.contains("PROTECT")));
            blobs.addAll(held);
            if (names.contains("container.json")) {
                blobs.add(targetOf(folder.resolve("container.json")));
            }
        } else if (!held.isEmpty() || names.contains("v1") || names.contains("v2")) {
            unfinished.add(folder);
        }
    }

    /// An image pinned by digest has a folder of the name that elsewhere is a link to a blob.
    private static boolean isPinnedTag(Path entry) {
        return Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
    }

    static boolean isBlob(String name) {
        return Digest.isDigest(name) || name.endsWith(".layer") || (name.endsWith(".json") && name.length() > 64);
    }

    /// The name of the blob that a link leads to.
    static String targetOf(Path link) {
        try {
            return String.valueOf(Files.readSymbolicLink(link).getFileName());
        } catch (IOException e) {
            return String.valueOf(link.getFileName()); // no link: it is the file itself
        }
    }

    private String display(Path folder) {
        Path nameAndTag = images.relativize(folder);
        String tag = String.valueOf(nameAndTag.getFileName());
        return nameAndTag.getParent() + (Digest.isDigest(tag) ? "@" : ":") + tag;
    }

    static Set<String> names(Path folder) {
        Set<String> names = new HashSet<>();
        try {
            for (Path entry : Folders.entries(folder)) {
                names.add(String.valueOf(entry.getFileName()));
            }
            return names;
        } catch (NotDirectoryException | NoSuchFileException e) {
            return Set.of();
        } catch (IOException e) {
            throw FaultException.io("listing images in " + folder, e);
        }
    }
}
