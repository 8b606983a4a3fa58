package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.files.AtomicFile;
import io.berth.files.DiskUsage;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The containers of a repository, and their names.
///
/// Shape: `containers/ID/` with ROOT, container.json, imagerepo.name; a name is a relative link to an ID.
/// Source: udocker 1.3, "Containers".
public final class ContainerStore {
    private static final Pattern BAD_IN_NAME = Pattern.compile("[/.\\[\\]\\s]|^-|^$|.{2049,}");

    private static final long MEGABYTE = 1 << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final RepositoryLayout layout;
    private final Consumer<Path> flush;

    ContainerStore(RepositoryLayout layout, Consumer<Path> flush) {
        this.layout = layout;
        this.flush = flush;
    }

    /// A new draft. Those whose maker was killed are removed on the way.
    public ContainerDraft draft() {
        String id = UUID.randomUUID().toString();
        DraftFolders.sweep(layout.layers());
        DraftFolders.Held held = DraftFolders.make(layout.containers(), layout.draft(id));
        Path root = Folders.make(held.folder().resolve("ROOT"));
        return new ContainerDraft(id, held.folder(), root, held.lease());
    }

    /// Makes the draft visible with one rename, and then its name.
    public Container publish(ContainerDraft draft, StoredImage image, Optional<String> name) {
        return publish(draft, image.configJson(), image.reference().toString(), name);
    }

    /// @param image `name:tag` to say it was made from
    public Container publish(ContainerDraft draft, String configJson, String image, Optional<String> name) {
        AtomicFile.write(draft.folder().resolve("container.json"), configJson, "rw-r--r--");
        AtomicFile.write(draft.folder().resolve("imagerepo.name"), image, "rw-r--r--");
        return publish(draft, name);
    }

    /// For a draft that has its files already. The name comes first, since it means nothing until its container is
    /// there: an interruption leaves both or none.
    public Container publish(ContainerDraft draft, Optional<String> name) {
        flush.accept(draft.folder());
        if (name.isEmpty()) {
            show(draft);
        } else {
            publishNamed(draft, name.get());
        }
        return read(draft.id());
    }

    private void publishNamed(ContainerDraft draft, String name) {
        try (LockFile lock = names()) {
            link(draft.id(), name);
            boolean shown = false;
            try {
                show(draft);
                shown = true;
            } finally {
                if (!shown) {
                    dropName(name, draft.id());
                }
            }
        }
    }

    private void show(ContainerDraft draft) {
        try {
            open(draft);
            Files.delete(draft.folder().resolve(DraftFolders.LEASE));
            Files.move(draft.folder(), layout.container(draft.id()), StandardCopyOption.ATOMIC_MOVE);
            draft.lease().close();
        } catch (IOException e) {
            throw FaultException.io("publishing container " + draft.id(), e);
        }
    }

    /// A draft is its owner's alone; a container has the permissions that the umask gives.
    private static void open(ContainerDraft draft) throws IOException {
        if (Files.exists(ContainerFiles.subIds(draft.folder()))) {
            return; // folders in it are open to all its users
        }
        int file = UnixStat.of(draft.folder().resolve(DraftFolders.LEASE)).mode();
        Files.setAttribute(draft.folder(), "unix:mode", 0700 | (file & 0777) | (file & 0444) >> 2);
    }

    public void discard(ContainerDraft draft) {
        ContainerFiles.remove(draft.folder());
        draft.lease().close();
    }

    /// Refuses a name that cannot be given, before any work is done for it.
    ///
    /// Errors: BAD_INPUT for a name that is malformed or taken.
    public void checkName(String name) {
        if (BAD_IN_NAME.matcher(name).find()
                || ContainerFolders.ID.matcher(name).matches()) {
            throw FaultException.badInput(
                    "naming a container '" + name + "': names have no '/', '.', brackets or blanks and are not ids",
                    "choose another name");
        }
        if (isTaken(name)) {
            throw FaultException.of(
                    Fault.BUSY, "naming a container '" + name + "': the name is taken", "choose another, or remove it");
        }
    }

    private boolean isTaken(String name) {
        return Files.exists(layout.container(name), LinkOption.NOFOLLOW_LINKS) && !isLost(name);
    }

    /// A name whose container is gone, and not about to come: its making or removal was interrupted. It is free again.
    private boolean isLost(String name) {
        Path link = layout.container(name);
        try {
            return Files.isSymbolicLink(link)
                    && !Files.exists(link)
                    && !DraftFolders.isHeld(layout.draft(
                            String.valueOf(Files.readSymbolicLink(link).getFileName())));
        } catch (IOException e) {
            return false; // somebody takes or frees it at this moment
        }
    }

    public void name(String id, String name) {
        try (LockFile lock = names()) {
            link(id, name);
        }
    }

    /// One process at a time changes names, so that a name that is just being given is not taken for a lost one.
    private LockFile names() {
        Folders.make(layout.locks());
        return LockFile.acquire(layout.lock("names"), PATIENCE, "the names of containers");
    }

    private void link(String id, String name) {
        checkName(name);
        try {
            if (isLost(name)) {
                Files.deleteIfExists(layout.container(name));
            }
            Files.createSymbolicLink(layout.container(name), Path.of(id));
        } catch (FileAlreadyExistsException e) {
            throw FaultException.of(
                    Fault.BUSY, "naming a container '" + name + "': the name is taken", "choose another name", e);
        } catch (IOException e) {
            throw FaultException.io("naming container " + id + " '" + name + "'", e);
        }
    }

    public Optional<Container> find(String idOrName) {
        if (idOrName.isEmpty() || idOrName.startsWith(".") || idOrName.indexOf('/') >= 0) {
            return Optional.empty();
        }
        Path entry = layout.container(idOrName);
        try {
            String id = Files.isSymbolicLink(entry)
                    ? String.valueOf(Files.readSymbolicLink(entry).getFileName())
                    : idOrName;
            return ContainerFolders.ID.matcher(id).matches() && Files.isDirectory(layout.container(id))
                    ? Optional.of(read(id))
                    : Optional.empty();
        } catch (IOException e) {
            throw FaultException.io("looking up container " + idOrName, e);
        }
    }

    public List<Container> list() {
        List<Container> containers = new ArrayList<>();
        for (Path entry : Folders.list(layout.containers())) {
            String id = String.valueOf(entry.getFileName());
            if (ContainerFolders.ID.matcher(id).matches() && !Files.isSymbolicLink(entry)) {
                containers.add(read(id));
            }
        }
        return containers;
    }

    public List<String> namesOf(Container container) {
        List<String> names = new ArrayList<>();
        for (Path entry : Folders.list(layout.containers())) {
            try {
                if (Files.isSymbolicLink(entry) && Files.readSymbolicLink(entry).endsWith(container.id())) {
                    names.add(String.valueOf(entry.getFileName()));
                }
            } catch (IOException e) {
                throw FaultException.io("reading name " + entry, e);
            }
        }
        return names;
    }

    /// All containers as a listing shows them.
    public List<ContainerEntry> entries() {
        return ContainerFolders.list(layout.containers());
    }

    /// What a container's tree takes, rounded up as du(1) does. Slow: looks at each file.
    public long megabytes(ContainerEntry container) {
        Path root = container.folder().resolve("ROOT");
        return Files.isDirectory(root) ? (DiskUsage.bytes(root) + MEGABYTE - 1) / MEGABYTE : 0;
    }

    public boolean isProtected(Container container) {
        return ProtectMark.isOn(container.folder());
    }

    public void protect(Container container, boolean on) {
        ProtectMark.set(container.folder(), on);
    }

    /// Errors: NOT_FOUND when no container has the name.
    public void unname(String name) {
        try {
            if (!Files.isSymbolicLink(layout.container(name))) {
                throw noSuchName("removing the name", name);
            }
            Files.delete(layout.container(name));
        } catch (NoSuchFileException e) {
            throw noSuchName("removing the name", name);
        } catch (IOException e) {
            throw FaultException.io("removing the name " + name, e);
        }
    }

    /// Errors: NOT_FOUND when no container has the old name; BAD_INPUT and BUSY as for [#checkName].
    public void rename(String name, String newName) {
        if (!Files.isSymbolicLink(layout.container(name))) {
            throw noSuchName("renaming container", name);
        }
        try (LockFile lock = names()) {
            if (find(name).isEmpty()) {
                throw noSuchName("renaming container", name);
            }
            checkName(newName);
            Files.move(layout.container(name), layout.container(newName), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("renaming container " + name, e);
        }
    }

    private FaultException noSuchName(String doing, String name) {
        return FaultException.of(Fault.NOT_FOUND, doing + " " + name + ": no container has that name", hintFor(name));
    }

    /// What to do about a container that is not here.
    public String hintFor(String idOrName) {
        return near(idOrName).map(near -> "did you mean '" + near + "'?").orElse("berth ps lists them");
    }

    /// The container that was probably meant: by a mistyped name or id, or by the beginning of an id.
    public Optional<String> near(String idOrName) {
        List<String> known = new ArrayList<>();
        List<String> begun = new ArrayList<>();
        for (ContainerEntry entry : entries()) {
            known.addAll(entry.names());
            known.add(entry.id());
            if (idOrName.length() >= 4 && entry.id().startsWith(idOrName)) {
                begun.add(entry.id());
            }
        }
        return begun.size() == 1 ? Optional.of(begun.getFirst()) : Nearest.to(idOrName, known);
    }

    /// Errors: NOT_ALLOWED when it is protected.
    public void remove(Container container) {
        if (isProtected(container)) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "removing container " + container.id() + ": it is protected",
                    "berth unprotect " + container.id());
        }
        List<String> names = namesOf(container);
        // out of sight first, so that what an interruption leaves is no container any more
        Path hidden = layout.draft(container.id());
        try {
            // as a young draft it is left to us
            Files.setLastModifiedTime(container.folder(), FileTime.from(Instant.now()));
            Files.move(container.folder(), hidden, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("removing container " + container.id(), e);
        }
        names.forEach(name -> dropName(name, container.id()));
        ContainerFiles.remove(hidden);
    }

    /// Unless somebody has meanwhile given it to another container.
    private void dropName(String name, String id) {
        Path link = layout.container(name);
        try {
            if (Files.readSymbolicLink(link).endsWith(id)) {
                Files.deleteIfExists(link);
            }
        } catch (NoSuchFileException | NotLinkException e) {
            // gone already
        } catch (IOException e) {
            throw FaultException.io("removing the name " + name, e);
        }
    }

    private Container read(String id) {
        Path folder = layout.container(id);
        return new Container(
                id,
                folder,
                folder.resolve("ROOT"),
                textOr(folder.resolve("container.json"), "{}"),
                textOr(folder.resolve("imagerepo.name"), ""));
    }

    private static String textOr(Path file, String fallback) {
        return Files.isRegularFile(file) ? AtomicFile.read(file).strip() : fallback;
    }
}
