package io.berth.fake;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.image.Digest;
import io.berth.image.json.ManifestJson;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FakeRegistryTest {
    private static final ImageFixture IMAGE = ImageFixture.builder()
            .layer(layer -> layer.directory("etc", 0755).file("etc/motd", "hello"))
            .layer(
                    ImageFixture.Compression.ZSTD,
                    layer -> layer.whiteout("etc/motd").symlink("motd", "etc/motd"))
            .config("Env", List.of("PATH=/bin"))
            .build();

    private final FakeRegistry registry = FakeRegistry.start().push("lab/solver", "1.0", IMAGE);

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void a_pushed_image_is_served_by_tag_and_digest() throws Exception {
        assertThat(body(get("/v2/lab/solver/manifests/1.0"))).isEqualTo(IMAGE.manifestBytes());
        HttpURLConnection byDigest =
                get("/v2/lab/solver/manifests/" + IMAGE.manifest().digest());
        assertThat(byDigest.getContentType()).isEqualTo(IMAGE.manifest().mediaType());
        for (Map.Entry<Digest, byte[]> blob : IMAGE.blobs().entrySet()) {
            assertThat(body(get("/v2/lab/solver/blobs/" + blob.getKey()))).isEqualTo(blob.getValue());
        }
        assertThat(get("/v2/lab/other/manifests/1.0").getResponseCode()).isEqualTo(404);
        assertThat(registry.requests("/blobs/")).hasSize(3);
    }

    @Test
    void a_part_of_a_blob_is_served() throws Exception {
        HttpURLConnection connection =
                get("/v2/lab/solver/blobs/" + IMAGE.config().digest());
        connection.setRequestProperty("Range", "bytes=10-");
        assertThat(connection.getResponseCode()).isEqualTo(206);
        assertThat(connection.getHeaderField("Content-Range"))
                .isEqualTo("bytes 10-" + (IMAGE.config().sizeBytes() - 1) + "/"
                        + IMAGE.config().sizeBytes());
        assertThat(body(connection)).hasSize((int) IMAGE.config().sizeBytes() - 10);
    }

    @Test
    void trouble_comes_as_often_as_planned_and_then_ends() throws Exception {
        registry.troubleNext(1, "/manifests/", FakeRegistryTrouble.status(500));
        assertThat(get("/v2/lab/solver/manifests/1.0").getResponseCode()).isEqualTo(500);
        assertThat(get("/v2/lab/solver/manifests/1.0").getResponseCode()).isEqualTo(200);
    }

    @Test
    void a_token_opens_the_repository_it_was_asked_for_and_no_other() throws Exception {
        registry.push("lab/secret", "1.0", IMAGE).requireBearer();
        assertThat(get("/v2/lab/solver/manifests/1.0").getHeaderField("WWW-Authenticate"))
                .endsWith("/token\",service=\"fake\",scope=\"repository:lab/solver:pull\"");
        body(get("/token?scope=repository%3Alab%2Fsolver%3Apull"));
        assertThat(withToken("/v2/lab/solver/manifests/1.0").getResponseCode()).isEqualTo(200);
        assertThat(withToken("/v2/lab/secret/manifests/1.0").getResponseCode()).isEqualTo(401);
    }

    @Test
    void an_image_is_what_its_lines_say() throws Exception {
        var manifest = ManifestJson.manifest(IMAGE.manifestJson());
        assertThat(manifest.layersOldestFirst()).isEqualTo(IMAGE.layersOldestFirst());
        var config =
                ManifestJson.config(new String(IMAGE.blobs().get(IMAGE.config().digest()), StandardCharsets.UTF_8));
        assertThat(config.env()).containsExactly("PATH=/bin");
        assertThat(config.platform()).isEqualTo(IMAGE.platform());

        byte[] layer = IMAGE.blobs().get(IMAGE.layersOldestFirst().getFirst().digest());
        byte[] tar = new GZIPInputStream(new ByteArrayInputStream(layer)).readAllBytes();
        assertThat(config.diffIdsOldestFirst().getFirst()).isEqualTo(Digest.sha256Of(tar));
        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream entries = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
            for (TarArchiveEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        assertThat(names).containsExactly("etc/", "etc/motd");
    }

    private HttpURLConnection get(String path) throws Exception {
        return (HttpURLConnection) URI.create(registry.url() + path).toURL().openConnection();
    }

    private HttpURLConnection withToken(String path) throws Exception {
        HttpURLConnection connection = get(path);
        connection.setRequestProperty("Authorization", "Bearer token-1");
        return connection;
    }

    private static byte[] body(HttpURLConnection connection) throws Exception {
        try (InputStream body = connection.getInputStream()) {
            return body.readAllBytes();
        }
    }
}
