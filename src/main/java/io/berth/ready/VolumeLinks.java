package io.berth.ready;

import io.berth.container.InsideView;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import io.berth.image.Digest;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Links in a tree to parts of the host, where another mode would mount them. What was at their place is kept beside
/// the tree. Those to volumes are taken out before the next start, since nothing of ours is left when the program ends;
/// those to completed passwd and group stay while starts want the same.
///
/// Each record is a file that holds three paths below the tree, each with a NUL behind it: the link, what it was made
/// to say, and the uppermost folder that was made for it. `volumes.set` has the sum of all of them, and is not there
/// while they change.
public final class VolumeLinks {
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String PASSWD = "passwd";
    private static final String GROUP = "group";

    private final Path root;
    private final Path own;
    private final Path records;
    private final Evidence evidence;

    /// For those who start nothing.
    ///
    /// @param folder of the container, which holds `ROOT`
    public VolumeLinks(Path folder) {
        this(folder, Evidence.unwanted());
    }

    /// @param folder of the container, which holds `ROOT`
    /// @param evidence takes which links there are; what it has of files that are moved is moved too
    public VolumeLinks(Path folder, Evidence evidence) {
        this.root = folder.resolve("ROOT");
        this.own = folder.resolve(".berth");
        this.records = ReadyContainer.stateIn(folder).resolve("volumes");
        this.evidence = evidence;
    }

    private record Placed(Path record, Path link, Path text, Optional<Path> made, Path covered) {}

    private record Wanted(Mount.Bind bind, Path text, Place place) {
        boolean is(Placed placed, Path root) {
            return text.equals(placed.text()) && place.path().equals(root.resolve(placed.link()));
        }
    }

    /// Whether a mount needs a link: it has another path inside, and the host has it.
    public static boolean isWanted(Mount mount) {
        return mount instanceof Mount.Bind bind
                && !bind.source().toString().equals(bind.target())
                && Files.exists(bind.source());
    }

    /// Whether there is any link of ours.
    public boolean isEmpty() {
        return records().isEmpty();
    }

    /// Held from the look at who runs until a start is written down, so that no other start changes links meanwhile.
    /// Starts of kept plans, which change none, share it.
    public LockFile lock() {
        Folders.make(records);
        return LockFile.acquire(lockFile(), PATIENCE, "the volumes of " + root);
    }

    public Path lockFile() {
        return records.resolveSibling("volumes.lock");
    }

    /// Where the image's passwd and group are while links of ours stand for them, by their paths inside.
    public Map<String, Path> beside() {
        Map<String, Path> beside = new HashMap<>();
        for (Path record : Files.isReadable(records) ? records() : List.<Path>of()) {
            if (Files.isReadable(record)) {
                Placed placed = read(record);
                nameOf(placed)
                        .filter(_ -> isLink(root.resolve(placed.link()), placed.text()))
                        .ifPresent(name -> beside.put("/etc/" + name, placed.covered()));
            }
        }
        return beside;
    }

    /// Of a link to a completed file.
    private Optional<String> nameOf(Placed placed) {
        String name = String.valueOf(placed.text().getFileName());
        boolean completed =
                Files.isDirectory(own) && Folders.real(own).equals(placed.text().getParent());
        return Stream.of(PASSWD, GROUP)
                .filter(file -> completed && name.startsWith(file + "-"))
                .findFirst();
    }

    /// Takes out the links to volumes. Shape: with the lock.
    public void clearVolumes() {
        try {
            for (Placed placed : placed().reversed()) {
                if (nameOf(placed).isEmpty()) {
                    remove(placed);
                }
            }
        } catch (IOException e) {
            throw FaultException.io("removing links to volumes from " + root, e);
        }
    }

    /// Makes the links that the mounts want, in place of those of earlier starts. Shape: with the lock.
    ///
    /// Errors: BUSY when other ones are in use.
    ///
    /// @param inUse whether a program is running in the tree
    /// @param anyAccounts whether the completed passwd and group that a running program has will do
    public void place(List<Mount> mounts, boolean inUse, boolean anyAccounts) {
        try {
            List<Wanted> wanted = new ArrayList<>();
            for (Mount mount : mounts) {
                if (isWanted(mount) && mount instanceof Mount.Bind bind) {
                    wanted.add(new Wanted(bind, bind.source().toRealPath(), placeFor(bind.target())));
                }
            }
            for (Placed placed : placed().reversed()) {
                if (wanted.stream().anyMatch(one -> one.is(placed, root))) {
                    continue;
                }
                if (inUse) {
                    evidence.doubt(); // later starts will not find it
                } else {
                    remove(placed);
                }
            }
            for (Wanted one : wanted) {
                place(one, anyAccounts);
            }
            settle();
        } catch (IOException e) {
            throw FaultException.io("linking volumes into " + root, e);
        }
    }

    /// Takes down which links there are: a start that finds the same ones need not make them.
    public void note() {
        evidence.text(set());
    }

    /// Puts the tree back as it was.
    public void clear() {
        if (isEmpty()) {
            return;
        }
        try (LockFile lock = lock()) {
            for (Placed placed : placed().reversed()) {
                remove(placed);
            }
        } catch (IOException e) {
            throw FaultException.io("removing links to volumes from " + root, e);
        }
    }

    private Path set() {
        return records.resolveSibling("volumes.set");
    }

    private void settle() {
        List<String> lines = placed().stream()
                .map(placed -> placed.link() + "\0" + placed.text() + "\0")
                .sorted()
                .toList();
        if (!lines.isEmpty() && !Files.exists(set())) {
            byte[] all = String.join("", lines).getBytes(StandardCharsets.UTF_8);
            AtomicFile.write(set(), Digest.sha256Of(all).toString(), "rw-------");
        }
    }

    private List<Placed> placed() {
        return records().stream().map(this::read).toList();
    }

    private List<Path> records() {
        return Folders.list(records).stream()
                .filter(record -> String.valueOf(record.getFileName()).matches("[0-9]+"))
                .toList();
    }

    private void place(Wanted wanted, boolean anyAccounts) throws IOException {
        Path place = wanted.place().path();
        Optional<Placed> there = placed().stream()
                .filter(placed -> root.resolve(placed.link()).equals(place))
                .findFirst();
        if (there.isPresent() && !wanted.text().equals(there.get().text())) {
            if (anyAccounts && nameOf(there.get()).isPresent()) {
                evidence.doubt();
                return;
            }
            throw FaultException.of(
                    Fault.BUSY,
                    "showing " + wanted.text() + " at " + wanted.bind().target()
                            + ": a program that runs in this container has something else there",
                    "wait for its end, or use a clone of the container");
        }
        if (!isLink(place, wanted.text())) {
            if (there.isPresent()) {
                remove(there.get()); // the program has put something else there
            }
            link(wanted.place(), wanted.text());
        }
        evidence.forget(place);
        evidence.entry(place);
    }

    private static boolean isLink(Path place, Path text) {
        try {
            return Files.isSymbolicLink(place) && Files.readSymbolicLink(place).equals(text);
        } catch (IOException e) {
            throw FaultException.io("looking at " + place, e);
        }
    }

    private void link(Place place, Path text) throws IOException {
        Folders.make(records);
        Files.deleteIfExists(set());
        Path record = records.resolve(Integer.toString(records().stream()
                        .mapToInt(other -> Integer.parseInt(String.valueOf(other.getFileName())))
                        .max()
                        .orElse(0)
                + 1));
        String made = place.missing()
                .map(folder -> root.relativize(folder).toString())
                .orElse("");
        AtomicFile.write(record, root.relativize(place.path()) + "\0" + text + "\0" + made + "\0", "rw-------");
        place.missing().ifPresent(evidence::forget);
        Folders.make(place.path().resolveSibling(""));
        if (Files.exists(place.path(), LinkOption.NOFOLLOW_LINKS)) {
            evidence.move(place.path(), covered(record));
        }
        Files.createSymbolicLink(place.path(), text);
    }

    /// A link of ours is not followed.
    private Place placeFor(String target) {
        InsideView view = new InsideView(root, List.of(), evidence);
        Path wanted = Path.of(target);
        return view.find(wanted.resolveSibling("").toString())
                .map(folder -> folder.resolve(String.valueOf(wanted.getFileName())))
                .filter(path -> placed().stream()
                        .anyMatch(placed -> root.resolve(placed.link()).equals(path)))
                .map(path -> new Place(path, Optional.empty()))
                .orElseGet(() -> placeOf(view, root, target));
    }

    /// @param missing the uppermost folder above it that is not there
    record Place(Path path, Optional<Path> missing) {}

    /// As the program will find it: links lead inside the tree.
    static Place placeOf(Path root, String target) {
        return placeOf(new InsideView(root, List.of()), root, target);
    }

    private static Place placeOf(InsideView view, Path root, String target) {
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

    private void remove(Placed placed) throws IOException {
        Files.deleteIfExists(set());
        Path link = root.resolve(placed.link());
        if (Folders.holdsDirectly(root, link)) {
            if (isLink(link, placed.text())) {
                evidence.forget(link);
                Files.delete(link);
            }
            if (Files.exists(placed.covered(), LinkOption.NOFOLLOW_LINKS)
                    && !Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                evidence.move(placed.covered(), link);
            }
            // whatever has taken the link's place is newer
            TreeRemoval.remove(placed.covered());
            placed.made().ifPresent(made -> removeFolders(link.resolveSibling(""), root.resolve(made)));
        }
        Files.delete(placed.record());
    }

    private static void removeFolders(Path lowest, Path uppermost) {
        for (Path folder = lowest; folder.startsWith(uppermost); folder = folder.resolveSibling("")) {
            Folders.removeIfEmpty(folder);
        }
    }
}
