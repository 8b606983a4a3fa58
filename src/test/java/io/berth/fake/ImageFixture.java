package io.berth.fake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.github.luben.zstd.ZstdOutputStream;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.MediaTypes;
import io.berth.image.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/// A small image, made from a few lines:
///
/// ```java
/// ImageFixture image = ImageFixture.builder()
///         .layer(layer -> layer.file("etc/motd", "hello\n").symlink("motd", "etc/motd"))
///         .config("Env", List.of("PATH=/bin"))
///         .build();
/// ```
///
/// Shape: `blobs` holds the config and all layers as they are stored (compressed), by digest; the same lines give the
/// same bytes.
///
/// @param manifest of `manifestType`, digest and size as an index would name it
public record ImageFixture(
        Platform platform,
        Descriptor manifest,
        String manifestJson,
        Descriptor config,
        List<Descriptor> layersOldestFirst,
        SequencedMap<Digest, byte[]> blobs) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    public static Builder builder() {
        return new Builder();
    }

    /// An image of one gzip layer with these files.
    public static ImageFixture of(Map<String, String> contentByName) {
        return builder()
                .layer(layer -> new TreeMap<>(contentByName).forEach(layer::file))
                .build();
    }

    public byte[] manifestBytes() {
        return manifestJson.getBytes(StandardCharsets.UTF_8);
    }

    /// An OCI index of these images, each with its platform.
    public static byte[] index(ImageFixture... images) {
        List<Object> entries = new ArrayList<>();
        for (ImageFixture image : images) {
            Map<String, Object> entry = json(image.manifest());
            SequencedMap<String, Object> platform = new LinkedHashMap<>();
            platform.put("os", image.platform().os());
            platform.put("architecture", image.platform().architecture());
            if (!image.platform().variant().isEmpty()) {
                platform.put("variant", image.platform().variant());
            }
            entry.put("platform", platform);
            entries.add(entry);
        }
        return index(MediaTypes.OCI_INDEX, entries);
    }

    /// An OCI index that holds one other index (or manifest), without a platform.
    public static byte[] indexOf(String mediaType, byte[] inner) {
        return index(
                MediaTypes.OCI_INDEX, List.of(json(new Descriptor(mediaType, Digest.sha256Of(inner), inner.length))));
    }

    private static byte[] index(String mediaType, List<Object> entries) {
        SequencedMap<String, Object> index = new LinkedHashMap<>();
        index.put("schemaVersion", 2);
        index.put("mediaType", mediaType);
        index.put("manifests", entries);
        return bytes(index);
    }

    private static SequencedMap<String, Object> json(Descriptor descriptor) {
        SequencedMap<String, Object> json = new LinkedHashMap<>();
        json.put("mediaType", descriptor.mediaType());
        json.put("digest", descriptor.digest().toString());
        json.put("size", descriptor.sizeBytes());
        return json;
    }

    private static byte[] bytes(Object json) {
        try {
            return MAPPER.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /// How a layer is stored.
    public enum Compression {
        GZIP(".tar.gzip", "+gzip"),
        ZSTD(".tar.zstd", "+zstd"),
        NONE(".tar", "");

        private final String dockerSuffix;
        private final String ociSuffix;

        Compression(String dockerSuffix, String ociSuffix) {
            this.dockerSuffix = dockerSuffix;
            this.ociSuffix = ociSuffix;
        }

        public byte[] compress(byte[] tar) {
            ByteArrayOutputStream sink = new ByteArrayOutputStream();
            try (OutputStream out = wrap(sink)) {
                out.write(tar);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return sink.toByteArray();
        }

        private OutputStream wrap(OutputStream sink) throws IOException {
            return switch (this) {
                case GZIP -> new GZIPOutputStream(sink);
                case ZSTD -> new ZstdOutputStream(sink);
                case NONE -> sink;
            };
        }
    }

    /// What goes into one layer, in order. Names are taken as they are, hostile ones too.
    @FunctionalInterface
    public interface Content {
        void into(ImageFixtureLayer layer);
    }

    public static final class Builder {
        private final List<byte[]> tars = new ArrayList<>();
        private final List<Compression> compressions = new ArrayList<>();
        private final SequencedMap<String, Object> config = new LinkedHashMap<>();
        private Platform platform = new Platform("linux", "amd64", "");
        private boolean docker;

        private Builder() {}

        public Builder layer(Content content) {
            return layer(Compression.GZIP, content);
        }

        public Builder layer(Compression compression, Content content) {
            ImageFixtureLayer layer = new ImageFixtureLayer();
            content.into(layer);
            return layer(compression, layer.tar());
        }

        /// A layer from bytes that need not be a tar archive at all.
        public Builder layer(Compression compression, byte[] tar) {
            tars.add(tar);
            compressions.add(compression);
            return this;
        }

        public Builder platform(String text) {
            platform = Platform.parse(text);
            return this;
        }

        /// A field of the config's `config` object: `Env`, `Cmd`, `Entrypoint`, `WorkingDir`, `User` ...
        public Builder config(String field, Object value) {
            config.put(field, value);
            return this;
        }

        /// Docker's media types instead of OCI's.
        public Builder docker() {
            docker = true;
            return this;
        }

        public ImageFixture build() {
            SequencedMap<Digest, byte[]> blobs = new LinkedHashMap<>();
            Descriptor configBlob = keep(
                    blobs,
                    docker
                            ? "application/vnd.docker.container.image.v1+json"
                            : "application/vnd.oci.image.config.v1+json",
                    bytes(configJson()));
            List<Descriptor> layers = new ArrayList<>();
            for (int i = 0; i < tars.size(); i++) {
                Compression compression = compressions.get(i);
                String type = docker
                        ? "application/vnd.docker.image.rootfs.diff" + compression.dockerSuffix
                        : "application/vnd.oci.image.layer.v1.tar" + compression.ociSuffix;
                layers.add(keep(blobs, type, compression.compress(tars.get(i))));
            }
            SequencedMap<String, Object> manifest = new LinkedHashMap<>();
            manifest.put("schemaVersion", 2);
            String type = docker ? MediaTypes.DOCKER_MANIFEST : MediaTypes.OCI_MANIFEST;
            manifest.put("mediaType", type);
            manifest.put("config", json(configBlob));
            manifest.put("layers", layers.stream().map(ImageFixture::json).toList());
            byte[] bytes = bytes(manifest);
            Descriptor descriptor = new Descriptor(type, Digest.sha256Of(bytes), bytes.length);
            return new ImageFixture(
                    platform,
                    descriptor,
                    new String(bytes, StandardCharsets.UTF_8),
                    configBlob,
                    List.copyOf(layers),
                    blobs);
        }

        private SequencedMap<String, Object> configJson() {
            SequencedMap<String, Object> json = new LinkedHashMap<>();
            json.put("architecture", platform.architecture());
            json.put("os", platform.os());
            if (!platform.variant().isEmpty()) {
                json.put("variant", platform.variant());
            }
            json.put("created", "2026-01-01T00:00:00Z");
            json.put("config", config);
            List<String> diffIds =
                    tars.stream().map(tar -> Digest.sha256Of(tar).toString()).toList();
            SequencedMap<String, Object> rootfs = new LinkedHashMap<>();
            rootfs.put("type", "layers");
            rootfs.put("diff_ids", diffIds);
            json.put("rootfs", rootfs);
            return json;
        }

        private static Descriptor keep(SequencedMap<Digest, byte[]> blobs, String mediaType, byte[] bytes) {
            Digest digest = Digest.sha256Of(bytes);
            blobs.put(digest, bytes);
            return new Descriptor(mediaType, digest, bytes.length);
        }
    }
}
