package io.berth.store;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageReference;
import io.berth.image.json.ManifestJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Images as udocker's `import` and `load` leave them: `ancestry`, and a `.layer` and a `.json` for each of its ids.
///
/// Source: udocker 1.3, "Images", entries marked `v1`. The ids need not be digests.
final class FirstFormat {
    private FirstFormat() {}

    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve("v1")) && Files.isRegularFile(folder.resolve("ancestry"));
    }

    /// Errors: CORRUPT when a file is missing.
    static StoredImage read(ImageReference reference, Path folder) {
        String ancestry = AtomicFile.read(folder.resolve("ancestry"));
        List<String> ids = new ArrayList<>(ManifestJson.ancestry(ancestry));
        if (ids.isEmpty()) {
            throw damaged(reference, "it has no layers");
        }
        String configJson = AtomicFile.read(configFile(reference, folder, ids.getFirst()));
        ImageConfig config = ManifestJson.config(configJson);
        List<StoredImage.Layer> layers = new ArrayList<>();
        List<Digest> diffIds = config.diffIdsOldestFirst();
        for (String id : ids.reversed()) {
            Optional<Digest> diffId =
                    diffIds.size() == ids.size() ? Optional.of(diffIds.get(layers.size())) : Optional.empty();
            layers.add(layer(reference, folder, id, diffId));
        }
        return new StoredImage(
                reference,
                Digest.sha256Of(ancestry.getBytes(StandardCharsets.UTF_8)),
                ancestry,
                configJson,
                config,
                layers);
    }

    private static Path configFile(ImageReference reference, Path folder, String top) {
        for (String name : List.of("container.json", top + ".json")) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return folder.resolve(name);
            }
        }
        throw damaged(reference, "its configuration is missing");
    }

    private static StoredImage.Layer layer(ImageReference reference, Path folder, String id, Optional<Digest> diffId) {
        Path link = folder.resolve(id + ".layer");
        try {
            if (!Files.isRegularFile(link)) {
                throw damaged(reference, "layer " + id + " is missing");
            }
            Descriptor descriptor = new Descriptor("", new Digest("sha256", id), Files.size(link));
            return new StoredImage.Layer(link.toRealPath(), descriptor, diffId);
        } catch (IOException e) {
            throw FaultException.io("reading layer " + link, e);
        }
    }

    private static FaultException damaged(ImageReference reference, String why) {
        return FaultException.of(
                Fault.CORRUPT, "reading image " + reference + ": " + why, "import, load or pull it again");
    }
}
