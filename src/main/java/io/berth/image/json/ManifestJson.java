package io.berth.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageConfig;
import io.berth.image.ImageIndex;
import io.berth.image.Manifest;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads manifests, indexes and image configurations.
///
/// Errors: CORRUPT when the text is not JSON or lacks a field that must be there.
/// Source: OCI image-spec 1.1; Docker image manifest V2 schema 2.
public final class ManifestJson {
    private static final Pattern LAYER_ID = Pattern.compile("[0-9a-f]{64}");

    private ManifestJson() {}

    /// What a manifest endpoint may answer.
    public sealed interface Document {
        record Single(Manifest manifest) implements Document {}

        record Many(ImageIndex index) implements Document {}

        record Old(Schema1 manifest) implements Document {}
    }

    /// @param mediaType as the registry announced it; what the text itself says in `mediaType` counts more
    public static Document read(String json, String mediaType) {
        JsonNode root = parse(json, "manifest");
        String type = root.path("mediaType").asText(mediaType);
        if (root.has("manifests")) {
            return new Document.Many(index(root));
        }
        Optional<Schema1> old = root.has("fsLayers") ? Schema1.read(json) : Optional.empty();
        if (old.isPresent()) {
            return new Document.Old(old.get());
        }
        if (root.path("schemaVersion").asInt() != 2 || !root.has("config")) {
            throw corrupt("manifest", "it is no image manifest that berth knows");
        }
        return new Document.Single(manifest(root, type));
    }

    /// @param json a manifest of one image, as [#read] takes it
    public static Manifest manifest(String json) {
        // no switch over types: what it makes at run time no AOT cache can hold, and costs each start milliseconds
        Document document = read(json, MediaTypes.OCI_MANIFEST);
        if (document instanceof Document.Single(Manifest manifest)) {
            return manifest;
        }
        throw corrupt(
                "manifest",
                document instanceof Document.Old
                        ? "it is of schema 1, which says no sizes"
                        : "it is an index of several images");
    }

    public static ImageConfig config(String json) {
        JsonNode root = parse(json, "image configuration");
        JsonNode config = root.has("config") && root.get("config").isObject()
                ? root.get("config")
                : root.path("container_config");
        List<Digest> diffIds = new ArrayList<>();
        for (JsonNode id : root.path("rootfs").path("diff_ids")) {
            if (!Digest.isDigest(id.asText())) {
                throw corrupt("image configuration", "a diff id is no digest");
            }
            diffIds.add(Digest.parse(id.asText()));
        }
        return new ImageConfig(
                platform(root),
                words(config.path("Env")),
                words(config.path("Entrypoint")),
                words(config.path("Cmd")),
                config.path("WorkingDir").asText(""),
                config.path("User").asText(""),
                diffIds);
    }

    /// The layer ids of an image in udocker's first format, top layer first.
    public static List<String> ancestry(String json) {
        List<String> ids = new ArrayList<>();
        for (JsonNode id : parseAny(json, "ancestry")) {
            if (!LAYER_ID.matcher(id.asText("")).matches()) {
                throw corrupt("ancestry", "a layer id is not 64 hexadecimal digits");
            }
            ids.add(id.asText());
        }
        return ids;
    }

    private static ImageIndex index(JsonNode root) {
        List<ImageIndex.Entry> entries = new ArrayList<>();
        for (JsonNode entry : root.get("manifests")) {
            Optional<Platform> platform =
                    entry.has("platform") ? Optional.of(platform(entry.get("platform"))) : Optional.empty();
            entries.add(new ImageIndex.Entry(descriptor(entry), platform));
        }
        return new ImageIndex(entries);
    }

    private static Manifest manifest(JsonNode root, String mediaType) {
        List<Descriptor> layers = new ArrayList<>();
        for (JsonNode layer : root.path("layers")) {
            layers.add(descriptor(layer));
        }
        return new Manifest(mediaType, descriptor(root.get("config")), layers);
    }

    private static Descriptor descriptor(JsonNode node) {
        if (!Digest.isDigest(node.path("digest").asText(""))
                || node.path("size").asLong(-1) < 0) {
            throw corrupt("manifest", "a descriptor has no digest or size");
        }
        return new Descriptor(
                node.path("mediaType").asText(""),
                Digest.parse(node.get("digest").asText()),
                node.get("size").asLong(),
                urls(node.path("urls")));
    }

    /// Only those that can be fetched.
    private static List<URI> urls(JsonNode node) {
        List<URI> urls = new ArrayList<>();
        for (JsonNode url : node) {
            try {
                URI uri = new URI(url.asText());
                if (uri.getHost() != null && uri.getScheme().matches("(?i)https?")) {
                    urls.add(uri);
                }
            } catch (URISyntaxException e) {
                // there may be others
            }
        }
        return urls;
    }

    private static Platform platform(JsonNode node) {
        return new Platform(
                node.path("os").asText("unknown"),
                node.path("architecture").asText("unknown"),
                node.path("variant").asText(""));
    }

    /// Docker once wrote a plain string where a list belongs; it is split at blanks, as udocker does.
    private static List<String> words(JsonNode node) {
        List<String> words = new ArrayList<>();
        if (node.isTextual() && !node.asText().isBlank()) {
            words.addAll(List.of(node.asText().strip().split("\\s+")));
        }
        for (JsonNode word : node) {
            words.add(word.asText());
        }
        return words;
    }

    private static JsonNode parse(String json, String what) {
        JsonNode root = parseAny(json, what);
        if (!root.isObject()) {
            throw corrupt(what, "it is not a JSON object");
        }
        return root;
    }

    private static JsonNode parseAny(String json, String what) {
        try {
            return JsonTree.parse(json);
        } catch (IOException e) {
            throw corrupt(what, "it is not JSON");
        }
    }

    private static FaultException corrupt(String what, String why) {
        return FaultException.of(Fault.CORRUPT, "reading " + what + ": " + why, "pull the image again");
    }
}
