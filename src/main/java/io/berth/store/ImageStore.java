package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.files.LockFile;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import io.berth.image.Manifest;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.image.json.Schema1;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// The images of a repository: one folder a tag, with links to the blobs.
///
/// Source: udocker 1.3, "Images". A folder is an image when it holds `TAG`, so that file is written last; berth
/// writes the manifest as received, which udocker reads as well and which keeps the digest.
public final class ImageStore {
    private final RepositoryLayout layout;
    private final Duration patience;

    /// @param patience how long to wait for another process that adds or removes an image
    public ImageStore(RepositoryLayout layout, Duration patience) {
        this.layout = layout;
        this.patience = patience;
    }

    /// Makes a fetched image visible. Its blobs are in the store already.
    ///
    /// Errors: CORRUPT when a blob has been removed meanwhile.
    public StoredImage tag(ResolvedImage image) {
        try (LockFile lock = lock()) {
            Path folder = layout.imageFolder(image.reference());
            Folders.make(folder);
            Set<String> wanted = new HashSet<>();
            for (Descriptor blob : blobs(image.manifest())) {
                wanted.add(blob.digest().toString());
                link(folder, blob.digest());
            }
            AtomicFile.write(folder.resolve("manifest"), image.manifestJson(), "rw-r--r--");
            AtomicFile.write(folder.resolve("v2"), "", "rw-r--r--");
            dropOtherLinks(folder, wanted);
            AtomicFile.sweep(folder);
            StoredImage stored = read(image.reference(), folder);
            writeTag(image.reference(), folder);
            return stored;
        }
    }

    private void writeTag(ImageReference reference, Path folder) {
        if (!Files.exists(folder.resolve("TAG"))) {
            Path name = layout.images().resolve(reference.name()).toAbsolutePath();
            AtomicFile.write(folder.resolve("TAG"), name + ":" + reference.tagOrDigest(), "rw-r--r--");
        }
    }

    /// Gives an image one more name; the blobs are shared.
    ///
    /// Errors: NOT_FOUND; NOT_ALLOWED when it is protected; BUSY when the name is taken.
    public void tag(ImageReference image, ImageReference name) {
        String doing = "naming image " + image + " " + name;
        try (LockFile lock = lock()) {
            Path source = require(image, doing);
            if (ProtectMark.isOn(source)) {
                throw protectedImage(image, doing);
            }
            Path folder = layout.imageFolder(name);
            if (Files.exists(folder.resolve("TAG"))) {
                throw FaultException.of(
                        Fault.BUSY, doing + ": " + name + " exists already", "remove it with berth rmi " + name);
            }
            Folders.make(folder);
            for (Path entry : Folders.list(source)) {
                copyOf(entry, folder);
            }
            writeTag(name, folder);
        } catch (IOException e) {
            throw FaultException.io(doing, e);
        }
    }

    private void copyOf(Path entry, Path folder) throws IOException {
        Path copy = folder.resolve(String.valueOf(entry.getFileName()));
        if (Files.isSymbolicLink(entry)) {
            Files.deleteIfExists(copy);
            Files.createSymbolicLink(copy, folder.relativize(layout.layers().resolve(ImageFolders.targetOf(entry))));
        } else if (Files.isRegularFile(entry) && !entry.endsWith("TAG")) {
            AtomicFile.write(copy, AtomicFile.read(entry), "rw-r--r--");
        }
    }

    /// Takes an image away, with the blobs that no other image has.
    ///
    /// Errors: NOT_FOUND; NOT_ALLOWED when it is protected.
    ///
    /// @param force carry on where there is nothing to remove
    public void remove(ImageReference image, boolean force) {
        String doing = "removing image " + image;
        try (LockFile lock = lock()) {
            Path folder = layout.imageFolder(image);
            if (ProtectMark.isOn(folder)) {
                throw protectedImage(image, doing);
            }
            boolean isHere = Files.isRegularFile(folder.resolve("TAG"));
            // also when it is not: this may be the second try after an interruption
            new ImageRemoval(layout).remove(folder);
            if (!isHere && !force) {
                throw noSuchImage(image, doing);
            }
        }
    }

    /// Errors: NOT_FOUND.
    public void protect(ImageReference image, boolean on) {
        ProtectMark.set(require(image, (on ? "protecting" : "unprotecting") + " image " + image), on);
    }

    private static FaultException protectedImage(ImageReference image, String doing) {
        return FaultException.of(Fault.NOT_ALLOWED, doing + ": it is protected", "berth unprotect " + image);
    }

    private Path require(ImageReference image, String doing) {
        Path folder = layout.imageFolder(image);
        if (!Files.isRegularFile(folder.resolve("TAG"))) {
            throw noSuchImage(image, doing);
        }
        return folder;
    }

    private FaultException noSuchImage(ImageReference image, String doing) {
        return FaultException.of(Fault.NOT_FOUND, doing + ": there is no such image here", hintFor(image));
    }

    /// What to do about an image that is not here.
    public String hintFor(ImageReference image) {
        return hintFor(image, "berth images lists those that are");
    }

    /// @param otherwise what to do when no image here is near
    public String hintFor(ImageReference image, String otherwise) {
        return near(image).map(near -> "did you mean '" + near + "'?").orElse(otherwise);
    }

    /// The image that was probably meant: mistyped, without its registry, or with another tag.
    public Optional<String> near(ImageReference image) {
        List<String> known = list();
        return Nearest.to(image.toString(), known)
                .or(() -> known.stream()
                        .filter(name -> name.endsWith("/" + image))
                        .findFirst())
                .or(() -> known.stream()
                        .filter(name -> name.startsWith(image.name() + ":"))
                        .findFirst());
    }

    private LockFile lock() {
        Folders.make(layout.locks());
        return LockFile.acquire(layout.lock("images"), patience, "the images of " + layout.root());
    }

    /// @param reference with a digest also finds what a tag of the same name means
    public Optional<StoredImage> find(ImageReference reference) {
        Path folder = layout.imageFolder(reference);
        if (isImage(folder)) {
            return Optional.of(read(reference, folder));
        }
        return reference
                .digest()
                .flatMap(digest -> Folders.list(folder.resolveSibling("")).stream()
                        .filter(tag -> isOf(tag, digest))
                        .findFirst()
                        .map(tag -> read(reference, tag)));
    }

    private static boolean isOf(Path folder, Digest digest) {
        Path manifest = folder.resolve("manifest");
        return isImage(folder)
                && Files.isRegularFile(manifest)
                && Digest.sha256Of(AtomicFile.read(manifest).getBytes(StandardCharsets.UTF_8))
                        .equals(digest);
    }

    private static boolean isImage(Path folder) {
        return Files.isRegularFile(folder.resolve("TAG"));
    }

    /// Gives an image that was found an entry by its digest, which stays when its tag moves. A repository that is only
    /// read is left as it is: nothing moves there either.
    public void keepPinned(StoredImage image, ImageReference pinned) {
        if (!isImage(layout.imageFolder(pinned)) && Files.isWritable(layout.images())) {
            tag(new ResolvedImage(
                    pinned, image.digest(), image.manifestJson(), ManifestJson.manifest(image.manifestJson())));
        }
    }

    /// Each image's `name:tag`, sorted.
    public List<String> list() {
        return entries().stream().map(ImageEntry::name).toList();
    }

    /// All images as a listing shows them, sorted by name.
    public List<ImageEntry> entries() {
        return ImageFolders.walk(layout.images()).entries();
    }

    /// The files of an image's blobs with their sizes in bytes, sorted by name; 0 for one that is missing.
    public SequencedMap<String, Long> blobsOf(ImageEntry image) {
        SequencedMap<String, Long> blobs = new TreeMap<>();
        for (String name : ImageFolders.names(image.folder())) {
            if (ImageFolders.isBlob(name)) {
                try {
                    blobs.put(name, Files.size(image.folder().resolve(name)));
                } catch (IOException e) {
                    blobs.put(name, 0L);
                }
            }
        }
        return blobs;
    }

    private static List<Descriptor> blobs(Manifest manifest) {
        List<Descriptor> blobs = new ArrayList<>(manifest.layersOldestFirst());
        blobs.add(manifest.config());
        return blobs;
    }

    private StoredImage read(ImageReference reference, Path folder) {
        String doing = "reading image " + reference;
        if (FirstFormat.isIn(folder)) {
            return FirstFormat.read(reference, folder);
        }
        if (!Files.isRegularFile(folder.resolve("manifest"))) {
            throw FaultException.of(
                    Fault.CORRUPT, doing + ": it has no manifest", "pull it with berth pull " + reference);
        }
        String manifestJson = AtomicFile.read(folder.resolve("manifest"));
        Optional<Schema1> old = Schema1.read(manifestJson);
        Manifest manifest = old.map(this::converted).orElseGet(() -> ManifestJson.manifest(manifestJson));
        for (Descriptor blob : old.isPresent() ? manifest.layersOldestFirst() : blobs(manifest)) {
            if (!Files.isRegularFile(layout.blob(blob.digest()))) {
                throw FaultException.of(
                        Fault.CORRUPT,
                        doing + ": blob " + blob.digest() + " is missing",
                        "pull it again with berth pull " + reference);
            }
        }
        String configJson = old.map(Schema1::configJson)
                .orElseGet(() -> AtomicFile.read(layout.blob(manifest.config().digest())));
        ImageConfig config = ManifestJson.config(configJson);
        return new StoredImage(
                reference,
                Digest.sha256Of(manifestJson.getBytes(StandardCharsets.UTF_8)),
                manifestJson,
                configJson,
                config,
                layers(manifest, config));
    }

    /// An image of schema 1 that udocker pulled: it keeps such a manifest as it came.
    private Manifest converted(Schema1 old) {
        return old.converted(old.layersOldestFirst().stream()
                        .map(digest -> Schema1.layer(digest, sizeOf(digest)))
                        .toList())
                .manifest();
    }

    private long sizeOf(Digest digest) {
        try {
            return Files.size(layout.blob(digest));
        } catch (IOException e) {
            return 0; // it is missing, which is told next
        }
    }

    private List<StoredImage.Layer> layers(Manifest manifest, ImageConfig config) {
        List<Descriptor> blobs = manifest.layersOldestFirst();
        List<Digest> diffIds = config.diffIdsOldestFirst();
        List<StoredImage.Layer> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            Optional<Digest> diffId = diffIds.size() == blobs.size() ? Optional.of(diffIds.get(i)) : Optional.empty();
            layers.add(new StoredImage.Layer(layout.blob(blobs.get(i).digest()), blobs.get(i), diffId));
        }
        return layers;
    }

    private void link(Path folder, Digest digest) {
        Path link = folder.resolve(digest.toString());
        Path target = folder.relativize(layout.blob(digest));
        try {
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, target);
            }
        } catch (FileAlreadyExistsException e) {
            // another process pulls the same image: its link is ours
        } catch (IOException e) {
            throw FaultException.io("linking " + link, e);
        }
    }

    /// After a tag has moved: the links of layers it no longer has (udocker leaves them, and then cannot remove the
    /// blobs).
    private static void dropOtherLinks(Path folder, Set<String> wanted) {
        for (Path entry : Folders.list(folder)) {
            String name = String.valueOf(entry.getFileName());
            if (Files.isSymbolicLink(entry) && Digest.isDigest(name) && !wanted.contains(name)) {
                try {
                    Files.deleteIfExists(entry);
                } catch (IOException e) {
                    throw FaultException.io("removing the old link " + entry, e);
                }
            }
        }
    }
}
