package io.berth.app;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.OutputFile;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.json.ManifestWriter;
import io.berth.layer.ArchiveWriter;
import io.berth.progress.Progress;
import io.berth.store.Repository;
import io.berth.store.StoredImage;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Writes images as `docker save` does, each layer once and as it is stored, so that their configurations (the image
/// ids) stay what they are.
///
/// Source: Docker image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
public final class SaveImages {
    private final Repository repository;
    private final Progress progress;

    public SaveImages(Repository repository, Progress progress) {
        this.repository = repository;
        this.progress = progress;
    }

    /// Errors: NOT_FOUND when one is not here; before a byte is written.
    public List<StoredImage> find(List<ImageReference> references) {
        List<StoredImage> images = new ArrayList<>();
        for (ImageReference reference : references) {
            images.add(repository
                    .images()
                    .find(reference)
                    .orElseThrow(() -> FaultException.of(
                            Fault.NOT_FOUND,
                            "saving " + reference + ": there is no such image here",
                            repository.images().hintFor(reference))));
        }
        return images;
    }

    /// Errors: BUSY when the file exists.
    public void save(List<StoredImage> images, Path file) {
        OutputFile.create(file, out -> save(images, out));
    }

    /// Does not close the stream.
    public void save(List<StoredImage> images, OutputStream out) {
        try (Progress.Task task = progress.begin("save", size(images))) {
            write(images, new HeardOutput(out, task));
        }
    }

    /// Of the layers, each once.
    private static long size(List<StoredImage> images) {
        Map<Digest, Long> sizes = new HashMap<>();
        for (StoredImage image : images) {
            for (StoredImage.Layer layer : image.layersOldestFirst()) {
                sizes.put(layer.descriptor().digest(), layer.descriptor().sizeBytes());
            }
        }
        return sizes.values().stream().mapToLong(Long::longValue).sum();
    }

    private void write(List<StoredImage> images, OutputStream out) {
        ArchiveWriter archive = new ArchiveWriter(out);
        Set<String> written = new HashSet<>();
        Map<Digest, ManifestWriter.Saved> byConfig = new LinkedHashMap<>();
        Map<String, Map<String, String>> repositories = new LinkedHashMap<>();
        for (StoredImage image : images) {
            byte[] config = image.configJson().getBytes(StandardCharsets.UTF_8);
            Digest id = Digest.sha256Of(config);
            List<String> layers = new ArrayList<>();
            String below = "";
            for (StoredImage.Layer layer : image.layersOldestFirst()) {
                String name = layer.descriptor().digest().hex();
                layers.add(name + "/layer.tar");
                if (written.add(name)) {
                    layer(archive, layer, name, below);
                }
                below = name;
            }
            if (written.add(id.hex() + ".json")) {
                archive.file(id.hex() + ".json", config);
            }
            List<String> tags = new ArrayList<>();
            if (byConfig.containsKey(id)) {
                tags.addAll(byConfig.get(id).tags());
            }
            if (image.reference().digest().isEmpty()) {
                tags.add(image.reference().toString());
                repositories
                        .computeIfAbsent(image.reference().name(), _ -> new LinkedHashMap<>())
                        .put(image.reference().tagOrDigest(), below);
            }
            byConfig.put(id, new ManifestWriter.Saved(id.hex() + ".json", tags, layers));
        }
        archive.file("manifest.json", text(ManifestWriter.saved(List.copyOf(byConfig.values()))));
        archive.file("repositories", text(ManifestWriter.repositories(repositories)));
        archive.end();
    }

    private static void layer(ArchiveWriter archive, StoredImage.Layer layer, String name, String below) {
        archive.folder(name);
        archive.file(name + "/VERSION", text("1.0"));
        archive.file(name + "/json", text(ManifestWriter.layer(name, below)));
        archive.file(name + "/layer.tar", layer.file());
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
