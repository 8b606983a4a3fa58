package io.berth.ready;

import io.berth.container.InsideView;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Links in a tree to parts of the host, where another mode would mount them. What was at their place is kept beside
/// the
/// tree, and all is put back before the next start, since nothing of ours is left when the program ends.
///
/// Each record is a file that holds three paths below the tree, each with a NUL behind it: the link, what it was made
/// to
/// say, and the uppermost folder that was made for it.
public final class VolumeLinks {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Path root;
    private final Path records;

    /// @param folder of the container, which holds `ROOT`
    public VolumeLinks(Path folder) {
        this(folder.resolve("ROOT"), ReadyContainer.stateIn(folder).resolve("volumes"));
    }

    private VolumeLinks(Path root, Path records) {
        this.root = root;
        this.records = records;
    }

    private record Placed(Path record, Path link, Path text, Optional<Path> made, Path covered) {}

    /// Whether a mount needs a link: it has another path inside, and the host has it.
    public static boolean isWanted(Mount mount) {
        return mount instanceof Mount.Bind bind
                && !bind.source().toString().equals(bind.target())
                && Files.exists(bind.source());
    }

    /// Takes down which links there are: a start that finds the same ones need not make them.
    public void note(Evidence evidence) {
        evidence.ownContent(records);
    }

    /// Whether there is any link of ours.
    public boolean isEmpty() {
        return records().isEmpty();
    }

    /// Makes the links that the mounts want, in place of those of earlier starts.
    ///
    /// Errors: BUSY when other ones are in use.
    ///
    /// @param inUse whether a program is running in the tree
    public void place(List<Mount> mounts, boolean inUse) {
        List<Mount.Bind> wanted = new ArrayList<>();
        for (Mount mount : mounts) {
            if (isWanted(mount) && mount instanceof Mount.Bind bind) {
                wanted.add(bind);
            }
        }
        if (wanted.isEmpty() && isEmpty()) {
            return;
        }
        Folders.make(records);
        try (LockFile lock =
                LockFile.acquire(records.resolveSibling("volumes.lock"), PATIENCE, "the volumes of " + root)) {
            if (!inUse) {
                removeAll();
            }
            for (Mount.Bind bind : wanted) {
                place(bind);
            }
        } catch (IOException e) {
            throw FaultException.io("linking volumes into " + root, e);
        }
    }

    /// Puts the tree back as it was.
    public void clear() {
        if (isEmpty()) {
            return;
        }
        try (LockFile lock =
                LockFile.acquire(records.resolveSibling("volumes.lock"), PATIENCE, "the volumes of " + root)) {
            removeAll();
        } catch (IOException e) {
            throw FaultException.io("removing links to volumes from " + root, e);
        }
    }

    private List<Path> records() {
        return Folders.list(records).stream()
                .filter(record -> String.valueOf(record.getFileName()).matches("[0-9]+"))
                .toList();
    }

    private void place(Mount.Bind bind) throws IOException {
        Path text = bind.source().toRealPath();
        Place place = placeOf(root, bind.target());
        if (Files.isSymbolicLink(place.path())
                && Files.readSymbolicLink(place.path()).equals(text)) {
            return;
        }
        if (records().stream()
                .map(this::read)
                .anyMatch(placed -> root.resolve(placed.link()).equals(place.path()))) {
            throw FaultException.of(
                    Fault.BUSY,
                    "showing " + text + " at " + bind.target() + ": a program that runs in this container has something"
                            + " else there",
                    "wait for its end, or use a clone of the container");
        }
        Path record = records.resolve(Integer.toString(records().stream()
                        .mapToInt(other -> Integer.parseInt(String.valueOf(other.getFileName())))
                        .max()
                        .orElse(0)
                + 1));
        String made = place.missing()
                .map(folder -> root.relativize(folder).toString())
                .orElse("");
        AtomicFile.write(record, root.relativize(place.path()) + "\0" + text + "\0" + made + "\0", "rw-------");
        Folders.make(place.path().resolveSibling(""));
        if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
            Files.move(place.path(), covered(record), StandardCopyOption.ATOMIC_MOVE);
        }
        Files.createSymbolicLink(place.path(), text);
    }

    /// @param missing the uppermost folder above it that is not there
    record Place(Path path, Optional<Path> missing) {}

    /// As the program will find it: links lead inside the tree.
    static Place placeOf(Path root, String target) {
        InsideView view = new InsideView(root, List.of());
        Path wanted = Path.of(target);
        Path there = wanted;
        List<Path> rest = new ArrayList<>();
        while (there.getNameCount() > 0) {
            Optional<Path> found = view.find(there.toString());
            if (found.isPresent()) {
                Path path = found.get();
                Optional<Path> missing =
                        rest.size() > 1 ? Optional.of(path.resolve(rest.getFirst())) : Optional.empty();
                for (Path name : rest) {
                    path = path.resolve(name);
                }
                return new Place(path, missing);
            }
            rest.addFirst(there.getFileName());
            there = there.resolveSibling("");
        }
        Path path = root;
        for (Path name : rest) {
            path = path.resolve(name);
        }
        return new Place(path, rest.size() > 1 ? Optional.of(root.resolve(rest.getFirst())) : Optional.empty());
    }

    private static Path covered(Path record) {
        return record.resolveSibling(record.getFileName() + ".covered");
    }

    private Placed read(Path record) {
        String[] parts = AtomicFile.read(record).split("\0", -1);
        return new Placed(
                record,
                Path.of(parts[0]),
                Path.of(parts[1]),
                parts[2].isEmpty() ? Optional.empty() : Optional.of(Path.of(parts[2])),
                covered(record));
    }

    private void removeAll() throws IOException {
        for (Path record : records().reversed()) {
            Placed placed = read(record);
            Path link = root.resolve(placed.link());
            if (Folders.holdsDirectly(root, link)) {
                if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).equals(placed.text())) {
                    Files.delete(link);
                }
                if (Files.exists(placed.covered(), LinkOption.NOFOLLOW_LINKS)
                        && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                    Files.move(placed.covered(), link, StandardCopyOption.ATOMIC_MOVE);
                }
                // whatever has taken the link's place is newer
                TreeRemoval.remove(placed.covered());
                placed.made().ifPresent(made -> removeFolders(link.resolveSibling(""), root.resolve(made)));
            }
            Files.delete(record);
        }
    }

    private static void removeFolders(Path lowest, Path uppermost) {
        for (Path folder = lowest; folder.startsWith(uppermost); folder = folder.resolveSibling("")) {
            Folders.removeIfEmpty(folder);
        }
    }
}
