package io.berth.fake;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A manifest of schema 1 of an image's layers, signed as Docker did (by nobody in particular).
public record Schema1Fixture(String payload) {
    /// @param newest the image's configuration, inside the history
    public static Schema1Fixture of(ImageFixture image, String newest) {
        List<String> layers = new ArrayList<>();
        List<String> history = new ArrayList<>();
        image.layersOldestFirst().forEach(layer -> {
            layers.addFirst("{\"blobSum\":\"" + layer.digest() + "\"}");
            history.add("{\"v1Compatibility\":\"{\\\"id\\\":\\\"x\\\"}\"}");
        });
        history.set(0, "{\"v1Compatibility\":\"" + newest.replace("\\", "\\\\").replace("\"", "\\\"") + "\"}");
        return new Schema1Fixture("{\n   \"schemaVersion\": 1,\n   \"name\": \"lab/solver\",\n   \"tag\": \"1.0\",\n"
                + "   \"architecture\": \"amd64\",\n   \"fsLayers\": [" + String.join(",", layers)
                + "],\n   \"history\": [" + String.join(",", history) + "]\n}");
    }

    /// With its signature, as a registry sends it.
    public String signed() {
        int length = payload.length() - "\n}".length();
        String format = "{\"formatLength\":" + length + ",\"formatTail\":\"Cn0\",\"time\":\"2015-01-01T00:00:00Z\"}";
        String signature =
                Base64.getUrlEncoder().withoutPadding().encodeToString(format.getBytes(StandardCharsets.UTF_8));
        return payload.substring(0, length)
                + ",\n   \"signatures\": [{\"header\":{\"alg\":\"ES256\"},\"signature\":\"AA\",\"protected\":\""
                + signature
                + "\"}]\n}";
    }
}
