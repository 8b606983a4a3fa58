package io.berth.store;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// Walks `containers` once for all containers and all their names.
final class ContainerFolders {
    static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+){4}");

    private ContainerFolders() {}

    /// Sorted by id.
    static List<ContainerEntry> list(Path containers) {
        Map<String, List<String>> names = new HashMap<>();
        List<String> ids = new ArrayList<>();
        for (String name : new TreeSet<>(ImageFolders.names(containers))) {
            Path entry = containers.resolve(name);
            if (ID.matcher(name).matches()) {
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    ids.add(name);
                }
            } else if (!name.startsWith(".") && Files.isSymbolicLink(entry)) {
                names.computeIfAbsent(ImageFolders.targetOf(entry), _ -> new ArrayList<>())
                        .add(name);
            }
        }
        return ids.stream()
                .map(id -> entry(containers.resolve(id), id, names.getOrDefault(id, List.of())))
                .toList();
    }

    private static ContainerEntry entry(Path folder, String id, List<String> names) {
        Path root = folder.resolve("ROOT");
        return new ContainerEntry(
                id, folder, shown(folder.resolve("imagerepo.name")), names, ProtectMark.isOn(folder), state(root));
    }

    private static char state(Path root) {
        if (Files.isDirectory(root)) {
            return Files.isWritable(root) ? 'W' : 'R';
        }
        return Files.exists(root, LinkOption.NOFOLLOW_LINKS) ? 'D' : 'N';
    }

    /// A container whose files cannot be read is listed all the same.
    private static String shown(Path file) {
        try {
            return text(file);
        } catch (FaultException e) {
            return "";
        }
    }

    /// Empty when there is none, or when the container is just being removed.
    static String text(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            return AtomicFile.read(file); // tells what is wrong
        }
    }
}
