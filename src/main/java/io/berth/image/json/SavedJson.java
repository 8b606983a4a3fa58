package io.berth.image.json;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the indexes of archives that hold images: Docker's `manifest.json` and an OCI layout's `index.json`.
///
/// Errors: CORRUPT when the text has not that form.
/// Source: Docker image specification 1.2; OCI image-spec 1.1, image-layout.md.
public final class SavedJson {
    private SavedJson() {}

    public static List<ManifestWriter.Saved> docker(String json) {
        List<ManifestWriter.Saved> images = new ArrayList<>();
        for (JsonNode image : parse(json, "manifest.json", JsonNode::isArray)) {
            if (!image.path("Config").isTextual() || !image.path("Layers").isArray()) {
                throw corrupt("manifest.json", "an image has no Config or Layers");
            }
            images.add(new ManifestWriter.Saved(
                    image.get("Config").asText(), words(image.path("RepoTags")), words(image.get("Layers"))));
        }
        return images;
    }

    /// @param annotations as they are, for example the image's name
    public record LayoutEntry(Descriptor descriptor, Map<String, String> annotations) {}

    public static List<LayoutEntry> layout(String json) {
        List<LayoutEntry> entries = new ArrayList<>();
        for (JsonNode entry : parse(json, "index.json", JsonNode::isObject).path("manifests")) {
            String digest = entry.path("digest").asText("");
            long size = entry.path("size").asLong(-1);
            if (!Digest.isDigest(digest) || size < 0) {
                throw corrupt("index.json", "a descriptor has no digest or size");
            }
            Map<String, String> annotations = new LinkedHashMap<>();
            entry.path("annotations")
                    .properties()
                    .forEach(one -> annotations.put(one.getKey(), one.getValue().asText()));
            entries.add(new LayoutEntry(
                    new Descriptor(entry.path("mediaType").asText(""), Digest.parse(digest), size), annotations));
        }
        return entries;
    }

    private static List<String> words(JsonNode node) {
        List<String> words = new ArrayList<>();
        node.forEach(word -> words.add(word.asText()));
        return words;
    }

    private interface Shape {
        boolean fits(JsonNode node);
    }

    private static JsonNode parse(String json, String what, Shape shape) {
        try {
            JsonNode root = JsonTree.parse(json);
            if (!shape.fits(root)) {
                throw corrupt(what, "it has not the form it should have");
            }
            return root;
        } catch (IOException e) {
            throw corrupt(what, "it is not JSON");
        }
    }

    private static FaultException corrupt(String what, String why) {
        return FaultException.of(Fault.CORRUPT, "reading " + what + ": " + why, "make the archive again");
    }
}
