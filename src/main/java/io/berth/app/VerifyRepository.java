package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.json.JsonTree;
import io.berth.image.json.ManifestJson;
import io.berth.layer.Compression;
import io.berth.progress.Progress;
import io.berth.store.Container;
import io.berth.store.ContainerEntry;
import io.berth.store.ImageEntry;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Compares what is in the repository with the digests it goes by.
public final class VerifyRepository {
    private static final int BUFFER_BYTES = 256 * 1024;

    private final Repository repository;
    private final Progress progress;

    public VerifyRepository(Repository repository, Progress progress) {
        this.repository = repository;
        this.progress = progress;
    }

    /// What was found of one image or container.
    ///
    /// @param good ids of the blobs that are what they should be
    /// @param problems empty when all is well
    public record Finding(String name, List<String> good, List<String> problems) {
        public Finding {
            good = List.copyOf(good);
            problems = List.copyOf(problems);
        }

        public boolean isGood() {
            return problems.isEmpty();
        }
    }

    /// Errors: NOT_FOUND when there is no such image.
    public Finding image(ImageReference reference) {
        List<String> good = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        try {
            StoredImage image = repository
                    .images()
                    .find(reference)
                    .orElseThrow(() -> FaultException.of(
                            Fault.NOT_FOUND,
                            "verifying image " + reference + ": there is no such image here",
                            repository.images().hintFor(reference)));
            if (image.manifestJson().startsWith("{")) {
                Descriptor config = ManifestJson.manifest(image.manifestJson()).config();
                check(repository.blobs().file(config), config, Optional.empty(), good, problems);
            }
            for (StoredImage.Layer layer : image.layersOldestFirst()) {
                check(layer.file(), layer.descriptor(), layer.diffId(), good, problems);
            }
        } catch (FaultException e) {
            if (e.fault() != Fault.CORRUPT) {
                throw e;
            }
            problems.add("image " + reference + ": " + e.getMessage());
        }
        return new Finding(reference.toString(), good, problems);
    }

    /// Every image of the repository.
    public List<Finding> images() {
        return repository.images().entries().stream().map(this::image).toList();
    }

    /// Every container of the repository: that it can be read, not what is in its tree, which is its user's.
    public List<Finding> containers() {
        return repository.containers().entries().stream().map(this::container).toList();
    }

    private Finding image(ImageEntry entry) {
        try {
            return image(ImageReference.parse(entry.name()));
        } catch (FaultException e) {
            if (e.fault() == Fault.INTERRUPTED) {
                throw e;
            }
            return new Finding(entry.name(), List.of(), List.of(String.valueOf(e.getMessage())));
        }
    }

    private Finding container(ContainerEntry entry) {
        List<String> problems = new ArrayList<>();
        if (entry.state() == 'N' || entry.state() == 'D') {
            problems.add("container " + entry.id() + ": it has no tree");
        }
        try {
            Optional<Container> container = repository.containers().find(entry.id());
            if (container.isPresent()) {
                JsonTree.parse(container.get().configJson());
            }
        } catch (IOException e) {
            problems.add("container " + entry.id() + ": its configuration is not JSON");
        }
        return new Finding(entry.id(), List.of(), problems);
    }

    /// A file that is named by its digest is hashed; another is compared with what the image says of its content.
    private void check(Path file, Descriptor blob, Optional<Digest> diffId, List<String> good, List<String> problems) {
        String name = String.valueOf(file.getFileName());
        try {
            boolean named = Digest.isDigest(name);
            Optional<Digest> wanted = named ? Optional.of(blob.digest()) : diffId;
            Digest got = digest(file, blob, wanted.orElse(blob.digest()), !named);
            if (wanted.isEmpty() || wanted.get().equals(got)) {
                good.add(name);
            } else {
                problems.add("layer " + name + ": its digest is " + got);
            }
        } catch (IOException e) {
            problems.add(
                    "layer " + name + ": " + FaultException.io("reading it", e).getMessage());
        } catch (FaultException e) {
            if (e.fault() != Fault.CORRUPT) {
                throw e;
            }
            problems.add("layer " + name + ": " + e.getMessage());
        }
    }

    private Digest digest(Path file, Descriptor blob, Digest algorithm, boolean inflate) throws IOException {
        MessageDigest hasher = algorithm.hasher();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (Progress.Task task = progress.begin(blob.digest().shortened(), blob.sizeBytes());
                InputStream packed = Files.newInputStream(file);
                InputStream in = inflate ? Compression.inflate(packed) : packed) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                hasher.update(buffer, 0, n);
                task.advance(n);
                if (Thread.currentThread().isInterrupted()) {
                    throw FaultException.of(Fault.INTERRUPTED, "verifying: stopped", "run it again");
                }
            }
        }
        return Digest.of(algorithm.algorithm(), hasher.digest());
    }
}
