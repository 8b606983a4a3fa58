package io.berth.fake;

import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.image.Manifest;
import io.berth.image.MediaTypes;
import io.berth.image.ResolvedImage;
import io.berth.image.json.ManifestJson;
import io.berth.progress.Progress;
import io.berth.store.Repository;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// A small image: each layer is one file, named and filled by the words `NAME=CONTENT`.
public final class StoredImageFixture {
    private final ResolvedImage image;
    private final byte[] config;
    private final List<byte[]> layers;

    private StoredImageFixture(ResolvedImage image, byte[] config, List<byte[]> layers) {
        this.image = image;
        this.config = config;
        this.layers = layers;
    }

    public static StoredImageFixture of(String reference, String... files) {
        List<byte[]> layers = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        StringBuilder descriptors = new StringBuilder();
        for (String file : files) {
            byte[] tar = tar(file.substring(0, file.indexOf('=')), file.substring(file.indexOf('=') + 1));
            byte[] layer = gzip(tar);
            layers.add(layer);
            diffIds.add("\"" + Digest.sha256Of(tar) + "\"");
            descriptors
                    .append(descriptors.isEmpty() ? "" : ",")
                    .append(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer));
        }
        byte[] config = ("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"Cmd\":[\"sh\"]},"
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + String.join(",", diffIds) + "]}}")
                .getBytes(StandardCharsets.UTF_8);
        String json = "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"config\":"
                + descriptor("application/vnd.oci.image.config.v1+json", config) + ",\"layers\":[" + descriptors + "]}";
        Manifest manifest = ManifestJson.manifest(json);
        Digest digest = Digest.sha256Of(json.getBytes(StandardCharsets.UTF_8));
        return new StoredImageFixture(
                new ResolvedImage(ImageReference.parse(reference), digest, json, manifest), config, layers);
    }

    public ResolvedImage image() {
        return image;
    }

    public byte[] config() {
        return config.clone();
    }

    /// Oldest first.
    public List<byte[]> layers() {
        return layers;
    }

    /// The same image under its digest.
    public StoredImageFixture pinned() {
        return new StoredImageFixture(
                new ResolvedImage(
                        image.reference().withDigest(image.digest()),
                        image.digest(),
                        image.manifestJson(),
                        image.manifest()),
                config,
                layers);
    }

    /// Brings the blobs into the repository, and then the tag.
    public StoredImageFixture in(Repository repository) {
        for (int i = 0; i < layers.size(); i++) {
            keep(repository, image.manifest().layersOldestFirst().get(i), layers.get(i));
        }
        keep(repository, image.manifest().config(), config);
        repository.images().tag(image);
        return this;
    }

    private static void keep(Repository repository, Descriptor blob, byte[] bytes) {
        repository
                .blobs()
                .keep(
                        blob,
                        from -> new ByteArrayInputStream(bytes, (int) from, bytes.length - (int) from),
                        Progress.none());
    }

    private static String descriptor(String type, byte[] bytes) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(type, Digest.sha256Of(bytes), bytes.length);
    }

    private static byte[] tar(String name, String content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            byte[] text = content.getBytes(StandardCharsets.UTF_8);
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setSize(text.length);
            entry.setModTime(0L);
            tar.putArchiveEntry(entry);
            tar.write(text);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] tar) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
