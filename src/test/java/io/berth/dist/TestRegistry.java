package io.berth.dist;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// Debian's docker-registry with the images of `src/test/cluster/images.sh`, and images made of a few lines.
final class TestRegistry implements AutoCloseable {
    private static final Path SCRIPTS = Path.of("src/test/cluster").toAbsolutePath();
    private static final Pattern LOG_LINE = Pattern.compile("\"([A-Z]+) (/\\S*) HTTP/[0-9.]+\" ([0-9]+) ([0-9]+)");

    private final Path folder;
    private final String address;
    private final HttpClient http = HttpClient.newHttpClient();

    private TestRegistry(Path folder, String address) {
        this.folder = folder;
        this.address = address;
    }

    static TestRegistry start(Path folder) {
        String address = Host.run("bash", SCRIPTS + "/registry.sh", "start", "--dir", folder.toString(), "--port", "0")
                .strip();
        TestRegistry registry = new TestRegistry(folder, address);
        try {
            Host.run("bash", SCRIPTS + "/images.sh", "push", address, "busybox", "multi", "zstd");
        } catch (Throwable e) {
            registry.close();
            throw e;
        }
        return registry;
    }

    /// Another registry with the same images, behind TLS (`cert.pem` in its folder is the authority), for one user.
    ///
    /// @return `HOST:PORT`
    static String startClosed(TestRegistry open, Path folder, String user, String password) throws IOException {
        Host.run(
                "cp",
                "-a",
                open.folder.resolve("data").toString(),
                folder.resolve("data").toString());
        Host.run(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout",
                folder.resolve("key.pem").toString(),
                "-out",
                folder.resolve("cert.pem").toString());
        Files.writeString(folder.resolve("users"), Host.run("htpasswd", "-Bbn", user, password));
        return Host.run(
                        "bash",
                        SCRIPTS + "/registry.sh",
                        "start",
                        "--dir",
                        folder.toString(),
                        "--port",
                        "0",
                        "--htpasswd",
                        folder.resolve("users").toString(),
                        "--tls",
                        folder.resolve("cert.pem").toString(),
                        folder.resolve("key.pem").toString())
                .strip();
    }

    static void stopClosed(Path folder) {
        Host.run("bash", SCRIPTS + "/registry.sh", "stop", "--dir", folder.toString());
    }

    @Override
    public void close() {
        http.close();
        Host.run("bash", SCRIPTS + "/registry.sh", "stop", "--dir", folder.toString());
    }

    /// `HOST:PORT`
    String address() {
        return address;
    }

    URI base() {
        return URI.create("http://" + address);
    }

    /// One line of the access log.
    record Request(String method, String path, int status, long bytes) {
        boolean isBlob() {
            return method.equals("GET") && path.contains("/blobs/sha256:");
        }

        String name() {
            return path.substring(path.lastIndexOf('/') + 1);
        }
    }

    List<Request> requests() {
        return Host.read(folder.resolve("access.log"))
                .lines()
                .map(LOG_LINE::matcher)
                .filter(matcher -> matcher.find())
                .map(matcher -> request(matcher.toMatchResult()))
                .toList();
    }

    private static Request request(MatchResult line) {
        return new Request(
                line.group(1), line.group(2), Integer.parseInt(line.group(3)), Long.parseLong(line.group(4)));
    }

    void clearLog() {
        Host.run("bash", SCRIPTS + "/registry.sh", "clear", "--dir", folder.toString());
    }

    /// The file in which the registry keeps a blob.
    Path fileOf(String digest) {
        String hex = digest.substring("sha256:".length());
        return folder.resolve("data/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }

    /// A blob as this machine has it. Nobody compares two of them.
    @SuppressWarnings("ArrayRecordComponent")
    record Blob(byte[] bytes, String digest) {
        static Blob of(byte[] bytes) {
            return new Blob(bytes, TestRegistry.digest(bytes));
        }

        String descriptor(String mediaType) {
            return "{\"mediaType\":\"application/vnd.oci.image.%s\",\"digest\":\"%s\",\"size\":%d}"
                    .formatted(mediaType, digest, bytes.length);
        }
    }

    static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The layer of the busybox image.
    static Blob busyboxLayer() {
        Path layout = Path.of(
                Host.run("bash", SCRIPTS + "/images.sh", "path", "busybox").strip());
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            Path largest = blobs.max((a, b) ->
                            Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
            return Blob.of(Files.readAllBytes(largest));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    interface Filling {
        void into(TarArchiveOutputStream tar) throws IOException;
    }

    static Blob layer(Filling filling) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            filling.into(tar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Blob.of(bytes.toByteArray());
    }

    static void file(TarArchiveOutputStream tar, String name, byte[] content) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /// Pushes an OCI image as NAME:latest.
    ///
    /// @param config the inside of the config's `config` object
    /// @return the manifest's digest
    String push(String name, String config, Blob... layers) {
        Blob settings = Blob.of(("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{" + config + "},"
                        + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}")
                .getBytes(UTF_8));
        upload(name, settings);
        for (Blob layer : layers) {
            upload(name, layer);
        }
        byte[] manifest = ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
                        + "\"config\":" + settings.descriptor("config.v1+json") + ",\"layers\":["
                        + Stream.of(layers)
                                .map(layer -> layer.descriptor("layer.v1.tar+gzip"))
                                .collect(Collectors.joining(","))
                        + "]}")
                .getBytes(UTF_8);
        put(
                base().resolve("/v2/" + name + "/manifests/latest"),
                "application/vnd.oci.image.manifest.v1+json",
                manifest);
        return digest(manifest);
    }

    private void upload(String name, Blob blob) {
        HttpResponse<Void> opened = send(HttpRequest.newBuilder(base().resolve("/v2/" + name + "/blobs/uploads/"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());
        URI place = base().resolve(opened.headers().firstValue("Location").orElseThrow());
        put(
                URI.create(place + (place.getQuery() == null ? "?" : "&") + "digest=" + blob.digest()),
                "application/octet-stream",
                blob.bytes());
    }

    private void put(URI uri, String type, byte[] body) {
        HttpResponse<Void> answer = send(HttpRequest.newBuilder(uri)
                .header("Content-Type", type)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
        assertThat(answer.statusCode()).as("PUT %s", uri).isEqualTo(201);
    }

    private HttpResponse<Void> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
