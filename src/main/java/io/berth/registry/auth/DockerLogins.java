package io.berth.registry.auth;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.image.json.JsonTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What `docker login` or `podman login` wrote into a file; only read. Helpers that would have to be started are not.
///
/// A file that cannot be read holds nothing for us: it is other programs' business.
public record DockerLogins(Path file) implements Credentials {
    @Override
    public Optional<Credential> forRegistry(String hostOrUrl) {
        try {
            if (!Files.isReadable(file)) {
                return Optional.empty();
            }
            JsonNode root = JsonTree.parse(Files.readString(file));
            return StoredCredential.in(root.path("auths"), hostOrUrl);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
