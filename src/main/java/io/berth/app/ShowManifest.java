package io.berth.app;

import io.berth.image.ImageReference;
import io.berth.image.Platform;
import io.berth.image.json.JsonTree;
import io.berth.image.json.PythonJson;
import io.berth.registry.RegistryClient;
import java.io.IOException;
import java.util.Optional;

/// Shows what a registry answers for a name, in udocker's form.
public final class ShowManifest {
    private final RegistryClient registry;

    public ShowManifest(RegistryClient registry) {
        this.registry = registry;
    }

    /// @param platform to choose one manifest; without it an index is shown as such
    public String show(ImageReference reference, Optional<Platform> platform) {
        String json = platform.map(wanted -> registry.resolve(reference, wanted).manifestJson())
                .orElseGet(() -> registry.manifestJson(reference));
        try {
            return PythonJson.indented(JsonTree.parse(json));
        } catch (IOException e) {
            return json; // shown as it came, which is what was asked for
        }
    }
}
