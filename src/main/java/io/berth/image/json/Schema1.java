package io.berth.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.Manifest;
import io.berth.image.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// A manifest as registries sent it before 2016: layers without sizes, the configuration inside the history.
///
/// Shape: layers oldest first; some may be the same (empty) layer. The signature says what the digest is over, and
/// is not verified otherwise: nobody has the keys.
/// Errors: CORRUPT when layers or history are not what they should be.
/// Source: distribution, "Image Manifest Version 2, Schema 1"; libtrust's `formatLength` and `formatTail`.
public record Schema1(Digest digest, String configJson, List<Digest> layersOldestFirst) {
    private static final String CONFIG_TYPE = "application/vnd.docker.container.image.v1+json";
    private static final String LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    /// What belongs to the layer and not to the image.
    private static final List<String> OF_THE_LAYER =
            List.of("id", "parent", "parent_id", "layer_id", "throwaway", "Size", "size");

    public Schema1 {
        layersOldestFirst = List.copyOf(layersOldestFirst);
    }

    /// Empty when the text is another kind of manifest, or none.
    public static Optional<Schema1> read(String json) {
        try {
            JsonNode root = JsonTree.parse(json);
            return root.path("schemaVersion").asInt() == 1 && root.has("fsLayers")
                    ? Optional.of(read(json, root))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Schema1 read(String json, JsonNode root) throws IOException {
        List<Digest> layers = new ArrayList<>();
        for (JsonNode layer : root.path("fsLayers")) {
            String sum = layer.path("blobSum").asText("");
            if (!Digest.isDigest(sum)) {
                throw corrupt("a layer has no digest");
            }
            layers.addFirst(Digest.parse(sum));
        }
        String newest = root.path("history").path(0).path("v1Compatibility").asText("");
        if (layers.isEmpty() || newest.isEmpty()) {
            throw corrupt("it has no layer or no history");
        }
        return new Schema1(Digest.sha256Of(payload(json, root)), config(newest, root), layers);
    }

    /// The same image with a manifest of today.
    ///
    /// @param layers those of this one, with their sizes
    public Converted converted(List<Descriptor> layers) {
        byte[] bytes = configJson.getBytes(StandardCharsets.UTF_8);
        Descriptor config = new Descriptor(CONFIG_TYPE, Digest.sha256Of(bytes), bytes.length);
        Manifest manifest = new Manifest(MediaTypes.DOCKER_MANIFEST, config, layers);
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("schemaVersion", 2).put("mediaType", MediaTypes.DOCKER_MANIFEST);
        root.set("config", json(config));
        layers.forEach(layer -> root.withArray("layers").add(json(layer)));
        return new Converted(manifest, PythonJson.line(root));
    }

    /// @param manifestJson the manifest's own text
    public record Converted(Manifest manifest, String manifestJson) {}

    /// A layer, once its size is known.
    public static Descriptor layer(Digest digest, long sizeBytes) {
        return new Descriptor(LAYER_TYPE, digest, sizeBytes);
    }

    private static ObjectNode json(Descriptor descriptor) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("mediaType", descriptor.mediaType())
                .put("size", descriptor.sizeBytes())
                .put("digest", descriptor.digest().toString());
    }

    private static String config(String newest, JsonNode root) {
        try {
            if (!(JsonTree.parse(newest) instanceof ObjectNode config)) {
                throw corrupt("its history is no image configuration");
            }
            config.remove(OF_THE_LAYER);
            if (!config.path("os").isTextual()) {
                config.put("os", "linux");
            }
            if (!config.path("architecture").isTextual()) {
                config.put("architecture", root.path("architecture").asText("unknown"));
            }
            return PythonJson.line(config);
        } catch (IOException e) {
            throw corrupt("its history is not JSON");
        }
    }

    /// The text without its signatures: that is what registries take the digest of.
    private static byte[] payload(String json, JsonNode root) throws IOException {
        byte[] all = json.getBytes(StandardCharsets.UTF_8);
        String signed = root.path("signatures").path(0).path("protected").asText("");
        if (signed.isEmpty()) {
            return all;
        }
        try {
            JsonNode format = JsonTree.parse(new String(Base64.getUrlDecoder().decode(signed), StandardCharsets.UTF_8));
            int length = format.path("formatLength").asInt(-1);
            byte[] tail =
                    Base64.getUrlDecoder().decode(format.path("formatTail").asText(""));
            if (length < 0 || length > all.length) {
                throw corrupt("its signature is of another text");
            }
            byte[] payload = Arrays.copyOf(all, length + tail.length);
            System.arraycopy(tail, 0, payload, length, tail.length);
            return payload;
        } catch (IllegalArgumentException e) {
            throw corrupt("its signature is not readable");
        }
    }

    private static FaultException corrupt(String why) {
        return FaultException.of(Fault.CORRUPT, "reading manifest of schema 1: " + why, "pull the image again");
    }
}
