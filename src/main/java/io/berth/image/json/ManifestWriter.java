package io.berth.image.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes the JSON of images that are made here: by `import` from an archive, by `load` from Docker's form, by `save`.
///
/// Source: OCI image-spec 1.1, manifest.md and config.md; Docker image specification 1.2, `manifest.json`;
/// udocker 1.3 for the fields of an imported image's configuration.
public final class ManifestWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private ManifestWriter() {}

    /// @param layersOldestFirst with their media types
    public static String manifest(Descriptor config, List<Descriptor> layersOldestFirst) {
        return write(json -> {
            json.writeStartObject();
            json.writeNumberField("schemaVersion", 2);
            json.writeStringField("mediaType", MediaTypes.OCI_MANIFEST);
            json.writeFieldName("config");
            descriptor(json, config);
            json.writeArrayFieldStart("layers");
            for (Descriptor layer : layersOldestFirst) {
                descriptor(json, layer);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void descriptor(JsonGenerator json, Descriptor descriptor) throws IOException {
        json.writeStartObject();
        json.writeStringField("mediaType", descriptor.mediaType());
        json.writeStringField("digest", descriptor.digest().toString());
        json.writeNumberField("size", descriptor.sizeBytes());
        json.writeEndObject();
    }

    /// The configuration of an image that is nothing but one archive.
    ///
    /// @param created as RFC 3339 has it
    /// @param diffId of the archive; absent when it was not asked for
    public static String imported(Platform platform, Optional<Digest> diffId, long sizeBytes, String created) {
        return write(json -> {
            json.writeStartObject();
            if (diffId.isPresent()) {
                json.writeStringField("id", diffId.get().hex());
            }
            json.writeStringField("comment", "imported by berth");
            json.writeStringField("created", created);
            json.writeStringField("architecture", platform.architecture());
            if (!platform.variant().isEmpty()) {
                json.writeStringField("variant", platform.variant());
            }
            json.writeStringField("os", platform.os());
            json.writeNumberField("size", sizeBytes);
            json.writeObjectFieldStart("rootfs");
            json.writeStringField("type", "layers");
            json.writeArrayFieldStart("diff_ids");
            if (diffId.isPresent()) {
                json.writeString(diffId.get().toString());
            }
            json.writeEndArray();
            json.writeEndObject();
            json.writeObjectFieldStart("config");
            for (String list : List.of("Env", "Cmd", "Entrypoint")) {
                json.writeNullField(list);
            }
            for (String text : List.of("User", "WorkingDir", "Hostname")) {
                json.writeStringField(text, "");
            }
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    /// One image of an archive as `docker save` makes it.
    ///
    /// @param config name of its file in the archive; so are `layersOldestFirst`
    public record Saved(String config, List<String> tags, List<String> layersOldestFirst) {}

    /// The archive's `manifest.json`.
    public static String saved(List<Saved> images) {
        return write(json -> {
            json.writeStartArray();
            for (Saved image : images) {
                json.writeStartObject();
                json.writeStringField("Config", image.config());
                words(json, "RepoTags", image.tags());
                words(json, "Layers", image.layersOldestFirst());
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }

    /// The archive's `repositories`: for each name its tags, for each tag its topmost layer.
    public static String repositories(Map<String, Map<String, String>> topLayers) {
        return write(json -> {
            json.writeStartObject();
            for (Map.Entry<String, Map<String, String>> name : topLayers.entrySet()) {
                json.writeObjectFieldStart(name.getKey());
                for (Map.Entry<String, String> tag : name.getValue().entrySet()) {
                    json.writeStringField(tag.getKey(), tag.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        });
    }

    /// The configuration of an image of which only the variables are known.
    public static String variables(List<String> variables) {
        return write(json -> {
            json.writeStartObject();
            json.writeObjectFieldStart("config");
            words(json, "Env", variables);
            json.writeEndObject();
            json.writeEndObject();
        });
    }

    /// A layer's own `json`.
    ///
    /// @param parent id of the layer below; empty for the lowest
    public static String layer(String id, String parent) {
        return write(json -> {
            json.writeStartObject();
            json.writeStringField("id", id);
            if (!parent.isEmpty()) {
                json.writeStringField("parent", parent);
            }
            json.writeStringField("created", "1970-01-01T00:00:00Z");
            json.writeEndObject();
        });
    }

    private static void words(JsonGenerator json, String field, List<String> words) throws IOException {
        json.writeArrayFieldStart(field);
        for (String word : words) {
            json.writeString(word);
        }
        json.writeEndArray();
    }

    private interface Content {
        void into(JsonGenerator json) throws IOException;
    }

    private static String write(Content content) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = FACTORY.createGenerator(text)) {
            content.into(json);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory does not fail", e);
        }
        return text.toString();
    }
}
