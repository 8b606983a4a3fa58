package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.files.AtomicFile;
import io.berth.files.DiskUsage;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.TreeRemoval;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/// The containers of a repository, and their names.
///
/// Shape: `containers/ID/` with ROOT, container.json, imagerepo.name; a name is a relative link to an ID.
/// Source: udocker 1.3, "Containers".
public final class ContainerStore {
    private static final Pattern ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+){4}");
    private static final String LEASE = "lease";
    private static final Pattern BAD_IN_NAME = Pattern.compile("[/.\\[\\]\\s]|^-|^$|.{2049,}");

    private static final long MEGABYTE = 1 << 20;

    private final RepositoryLayout layout;

    public ContainerStore(RepositoryLayout layout) {
        this.layout = layout;
    }

    /// A new draft. Those whose maker was killed are removed on the way.
    public ContainerDraft draft() {
        sweepDrafts();
        String id = UUID.randomUUID().toString();
        Path folder = Folders.make(layout.draft(id));
        Optional<LockFile> lease = LockFile.tryAcquire(folder.resolve(LEASE));
        Path root = Folders.make(folder.resolve("ROOT"));
        return new ContainerDraft(id, folder, root, lease.orElseThrow());
    }

    private void sweepDrafts() {
        for (Path entry : Folders.list(layout.containers())) {
            if (!String.valueOf(entry.getFileName()).startsWith(".draft-") || isYoung(entry)) {
                continue;
            }
            try (LockFile lease = LockFile.tryAcquire(entry.resolve(LEASE)).orElse(null)) {
                if (lease != null) {
                    TreeRemoval.remove(entry);
                }
            } catch (FaultException e) {
                // another process sweeps it too, or it is somebody else's: no reason not to make ours
            }
        }
    }

    /// Between making a draft and taking its lease there is a moment.
    private static boolean isYoung(Path draft) {
        try {
            Instant made = Files.getLastModifiedTime(draft).toInstant();
            return made.isAfter(Instant.now().minusSeconds(10));
        } catch (IOException e) {
            return true; // its owner has just removed or published it
        }
    }

    /// Makes the draft visible with one rename, and then its name.
    public Container publish(ContainerDraft draft, StoredImage image, Optional<String> name) {
        AtomicFile.write(draft.folder().resolve("container.json"), image.configJson(), "rw-r--r--");
        AtomicFile.write(
                draft.folder().resolve("imagerepo.name"), image.reference().toString(), "rw-r--r--");
        return publish(draft, name);
    }

    /// For a draft that has its files already.
    public Container publish(ContainerDraft draft, Optional<String> name) {
        Path folder = layout.container(draft.id());
        try {
            Files.delete(draft.folder().resolve(LEASE));
            Files.move(draft.folder(), folder, StandardCopyOption.ATOMIC_MOVE);
            draft.lease().close();
        } catch (IOException e) {
            throw FaultException.io("publishing container " + draft.id(), e);
        }
        name.ifPresent(alias -> name(draft.id(), alias));
        return read(draft.id());
    }

    public void discard(ContainerDraft draft) {
        TreeRemoval.remove(draft.folder());
        draft.lease().close();
    }

    /// Refuses a name that cannot be given, before any work is done for it.
    ///
    /// Errors: BAD_INPUT for a name that is malformed or taken.
    public void checkName(String name) {
        if (BAD_IN_NAME.matcher(name).find() || ID.matcher(name).matches()) {
            throw FaultException.badInput(
                    "naming a container '" + name + "': names have no '/', '.', brackets or blanks and are not ids",
                    "choose another name");
        }
        if (Files.exists(layout.container(name), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
            throw FaultException.of(
                    Fault.BUSY, "naming a container '" + name + "': the name is taken", "choose another, or remove it");
        }
    }

    public void name(String id, String name) {
        checkName(name);
        try {
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
            return ID.matcher(id).matches() && Files.isDirectory(layout.container(id))
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
            if (ID.matcher(id).matches() && !Files.isSymbolicLink(entry)) {
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
        Container container = find(name).orElseThrow(() -> noSuchName("renaming container", name));
        // in this order an interruption leaves both names, and never none
        name(container.id(), newName);
        unname(name);
    }

    private FaultException noSuchName(String doing, String name) {
        return FaultException.of(Fault.NOT_FOUND, doing + " " + name + ": no container has that name", hintFor(name));
    }

    /// What to do about a container that is not here.
    public String hintFor(String idOrName) {
        List<String> known = new ArrayList<>();
        for (ContainerEntry entry : entries()) {
            known.addAll(entry.names());
            known.add(entry.id());
        }
        return Nearest.hint(idOrName, known, "berth ps lists them");
    }

    /// Errors: NOT_ALLOWED when it is protected.
    public void remove(Container container) {
        if (isProtected(container)) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    "removing container " + container.id() + ": it is protected",
                    "berth unprotect " + container.id());
        }
        for (String name : namesOf(container)) {
            try {
                Files.deleteIfExists(layout.container(name));
            } catch (IOException e) {
                throw FaultException.io("removing the name " + name, e);
            }
        }
        // out of sight first, so that what an interruption leaves is no container any more
        Path hidden = layout.draft(container.id());
        try {
            Files.move(container.folder(), hidden, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw FaultException.io("removing container " + container.id(), e);
        }
        TreeRemoval.remove(hidden);
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
