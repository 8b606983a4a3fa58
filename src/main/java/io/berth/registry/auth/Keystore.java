package io.berth.registry.auth;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.files.UnixStat;
import io.berth.image.json.JsonTree;
import io.berth.image.json.PythonJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// udocker's file of passwords. Read when first asked; only its owner may be able to read it.
///
/// Errors: NOT_ALLOWED when the file or its folder is not the user's alone, CORRUPT when it is no JSON.
/// Source: udocker 1.3, "Keystore": `{"https://quay.io": {"auth": BASE64, "email": ""}}` in one line, mode 0600.
public final class Keystore implements Credentials {
    private static final int OTHERS = 077;

    private final Path file;
    private final long uid;
    private final Duration patience;

    /// @param uid who must own it
    /// @param patience how long to wait for another process that changes it
    public Keystore(Path file, long uid, Duration patience) {
        this.file = file;
        this.uid = uid;
        this.patience = patience;
    }

    @Override
    public Optional<Credential> forRegistry(String hostOrUrl) {
        return StoredCredential.in(read(), hostOrUrl);
    }

    /// @param url with its scheme, as it will be asked
    public void put(String url, Credential credential) {
        change(entries -> {
            ObjectNode entry = JsonNodeFactory.instance.objectNode();
            entry.put("auth", credential.basic().reveal().substring("Basic ".length()));
            entry.put("email", "");
            entries.set(url, entry);
        });
    }

    /// @return the names of the entries that were removed; none when there was nothing
    public List<String> remove(String hostOrUrl) {
        List<String> keys = StoredCredential.keysOf(read(), hostOrUrl);
        if (!keys.isEmpty()) {
            change(entries -> StoredCredential.keysOf(entries, hostOrUrl).forEach(entries::remove));
        }
        return keys;
    }

    /// Removes the file.
    ///
    /// @return whether there was one
    public boolean erase() {
        read();
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw FaultException.io("removing keystore " + file, e);
        }
    }

    private void change(Consumer<ObjectNode> changing) {
        Path place = resolved();
        Path folder = Folders.make(folderOf(place));
        Path lock = folder.resolve("." + place.getFileName() + ".lock");
        try (LockFile _ = LockFile.acquire(lock, patience, "keystore " + file)) {
            ObjectNode entries = read();
            changing.accept(entries);
            AtomicFile.write(place, PythonJson.line(entries), "rw-------");
        }
    }

    /// A keystore that is a link stays one.
    private Path resolved() {
        try {
            return Files.isSymbolicLink(file) ? file.toRealPath() : file;
        } catch (IOException e) {
            throw FaultException.io("following the link " + file, e);
        }
    }

    private static Path folderOf(Path place) {
        return requireNonNull(place.toAbsolutePath().getParent(), "a file is in a folder");
    }

    private ObjectNode read() {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return JsonNodeFactory.instance.objectNode();
        }
        refuseUnlessPrivate();
        try {
            JsonNode root = JsonTree.parse(AtomicFile.read(file));
            if (root instanceof ObjectNode entries) {
                return entries;
            }
        } catch (IOException e) {
            // told below
        }
        throw FaultException.of(
                Fault.CORRUPT, "reading keystore " + file + ": it is not a JSON object", "remove it and log in again");
    }

    private void refuseUnlessPrivate() {
        UnixStat stat = UnixStat.of(file);
        UnixStat folder = UnixStat.of(folderOf(resolved()));
        if (stat.uid() != uid || folder.uid() != uid) {
            throw refused(
                    "it, or its folder, belongs to another user", "use a keystore of your own (UDOCKER_KEYSTORE)");
        }
        if ((stat.mode() & OTHERS) != 0) {
            throw refused("group or others have access to it", "chmod 600 " + file);
        }
    }

    private FaultException refused(String why, String hint) {
        return FaultException.of(Fault.NOT_ALLOWED, "reading keystore " + file + ": " + why, hint);
    }
}
