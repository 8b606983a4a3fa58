package io.berth.store;

import static java.util.Objects.requireNonNull;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import io.berth.image.Manifest;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.image.json.Schema1;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// The images of a repository: one folder a tag, with links to the blobs.
///
/// Source: udocker 1.3, "Images". A folder is an image when it holds `TAG`, so that file is written last; berth
/// writes
/// the manifest as received, which udocker reads as well and which keeps the digest.
public final class ImageStore {
    private final RepositoryLayout layout;

    public ImageStore(RepositoryLayout layout) {
        this.layout = layout;
    }

    /// Makes a fetched image visible. Its blobs are in the store already.
    public StoredImage tag(ResolvedImage image) {
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
        if (!Files.exists(folder.resolve("TAG"))) {
            Path name = layout.images().resolve(image.reference().name()).toAbsolutePath();
            AtomicFile.write(
                    folder.resolve("TAG"), name + ":" + image.reference().tagOrDigest(), "rw-r--r--");
        }
        return read(image.reference(), folder);
    }

    public Optional<StoredImage> find(ImageReference reference) {
        Path folder = layout.imageFolder(reference);
        return Files.isRegularFile(folder.resolve("TAG")) ? Optional.of(read(reference, folder)) : Optional.empty();
    }

    /// Each image's `name:tag`, sorted.
    public List<String> list() {
        if (!Files.isDirectory(layout.images())) {
            return List.of();
        }
        try (Stream<Path> files = Files.walk(layout.images())) {
            return files.filter(file -> file.endsWith("TAG") && Files.isRegularFile(file))
                    .map(file -> layout.images().relativize(file.getParent()))
                    .map(ImageStore::display)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw FaultException.io("listing images in " + layout.images(), e);
        } catch (UncheckedIOException e) {
            throw FaultException.io("listing images in " + layout.images(), requireNonNull(e.getCause()));
        }
    }

    private static String display(Path nameAndTag) {
        String tag = nameAndTag.getFileName().toString();
        return nameAndTag.getParent() + (Digest.isDigest(tag) ? "@" : ":") + tag;
    }

    private static List<Descriptor> blobs(Manifest manifest) {
        List<Descriptor> blobs = new ArrayList<>(manifest.layersOldestFirst());
        blobs.add(manifest.config());
        return blobs;
    }

    private StoredImage read(ImageReference reference, Path folder) {
        String doing = "reading image " + reference;
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
