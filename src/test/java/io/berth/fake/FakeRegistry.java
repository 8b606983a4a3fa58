package io.berth.fake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.berth.image.Digest;
import io.berth.image.MediaTypes;
import io.berth.registry.RegistryClient;
import io.berth.registry.RegistryOptions;
import io.berth.registry.auth.Credentials;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A registry on loopback that follows the distribution protocol (pull only), remembers what it was asked, and
/// misbehaves on request. Its token service is at `/token` of the same server.
///
/// ```java
/// try (FakeRegistry registry = FakeRegistry.start()) {
///     registry.push("lab/solver", "1.0", ImageFixture.of(Map.of("etc/motd", "hello")));
///     registry.troubleNext(1, "/blobs/", FakeRegistryTrouble.truncateAfter(100));
///     ... registry.host() + "/lab/solver:1.0" ...
///     assertThat(registry.requests("/blobs/")).hasSize(2);
/// }
/// ```
public final class FakeRegistry implements AutoCloseable {
    /// How the registry lets people in.
    private enum Access {
        OPEN,
        BASIC,
        BEARER
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Document(String mediaType, byte[] bytes) {}

    private record Planned(String pathPart, FakeRegistryTrouble trouble, AtomicInteger left) {}

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final Map<String, String> scopeByToken = new ConcurrentHashMap<>();
    private final List<FakeRegistryRequest> requests = new CopyOnWriteArrayList<>();
    private final List<Planned> planned = new CopyOnWriteArrayList<>();
    private final AtomicInteger tokensIssued = new AtomicInteger();
    private volatile Access access = Access.OPEN;
    private volatile String basic = "";

    private FakeRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public static FakeRegistry start() {
        try {
            return new FakeRegistry(HttpServer.create(anyPort(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The same behind TLS, with a certificate for localhost and 127.0.0.1 that nobody trusts.
    public static FakeRegistry startWithTls() {
        try {
            HttpsServer server = HttpsServer.create(anyPort(), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(FakeRegistryTls.context()));
            return new FakeRegistry(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What to believe in order to trust it behind TLS, in PEM form.
    public static String certificate() {
        return FakeRegistryTls.certificate();
    }

    /// One that knows no login, and gives up soon.
    ///
    /// @param attempts at each request
    public static RegistryClient client(int attempts) {
        RegistryOptions options = new RegistryOptions(
                "https://unused",
                new LinkedHashMap<>(),
                new LinkedHashSet<>(),
                false,
                Duration.ofSeconds(5),
                Duration.ofMillis(400),
                attempts);
        return new RegistryClient(options, Credentials.none());
    }

    /// Host and port, as image names spell it.
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public URI url() {
        return URI.create((server instanceof HttpsServer ? "https://" : "http://") + host());
    }

    /// Stores the image's blobs and its manifest, by tag and by digest.
    public FakeRegistry push(String repository, String tag, ImageFixture image) {
        image.blobs().values().forEach(bytes -> pushBlob(repository, bytes));
        pushManifest(repository, tag, image.manifest().mediaType(), image.manifestBytes());
        return this;
    }

    /// Stores the images, and an index of them under the tag.
    ///
    /// @return the digest of the index
    public Digest pushIndex(String repository, String tag, ImageFixture... images) {
        for (ImageFixture image : images) {
            push(repository, image.manifest().digest().toString(), image);
        }
        return pushManifest(repository, tag, MediaTypes.OCI_INDEX, ImageFixture.index(images));
    }

    public Digest pushBlob(String repository, byte[] bytes) {
        Digest digest = Digest.sha256Of(bytes);
        documents.put("/v2/" + repository + "/blobs/" + digest, new Document("application/octet-stream", bytes));
        return digest;
    }

    public Digest pushManifest(String repository, String tag, String mediaType, byte[] bytes) {
        Digest digest = Digest.sha256Of(bytes);
        Document document = new Document(mediaType, bytes);
        documents.put("/v2/" + repository + "/manifests/" + tag, document);
        documents.put("/v2/" + repository + "/manifests/" + digest, document);
        return digest;
    }

    /// Another document under any path (`/v2/lab/solver/tags/list`).
    public FakeRegistry put(String path, String mediaType, String body) {
        documents.put(path, new Document(mediaType, body.getBytes(FakeRegistryHttp.UTF_8)));
        return this;
    }

    public FakeRegistry requireBasic(String username, String password) {
        access = Access.BASIC;
        return user(username, password);
    }

    /// Wants a token for `repository:NAME:pull`, which `/token` gives to anyone.
    public FakeRegistry requireBearer() {
        access = Access.BEARER;
        return this;
    }

    /// Wants a token, which `/token` gives to this user only.
    public FakeRegistry requireBearer(String username, String password) {
        access = Access.BEARER;
        return user(username, password);
    }

    /// From now on, tokens given so far are refused.
    public void expireTokens() {
        scopeByToken.clear();
    }

    /// The next requests whose path contains `pathPart` meet trouble instead of an answer.
    public FakeRegistry troubleNext(int times, String pathPart, FakeRegistryTrouble trouble) {
        planned.add(new Planned(pathPart, trouble, new AtomicInteger(times)));
        return this;
    }

    /// All requests whose path contains `pathPart`.
    public FakeRegistry troubleAlways(String pathPart, FakeRegistryTrouble trouble) {
        return troubleNext(Integer.MAX_VALUE, pathPart, trouble);
    }

    public List<FakeRegistryRequest> requests() {
        return List.copyOf(requests);
    }

    /// Those whose path contains `pathPart`, oldest first.
    public List<FakeRegistryRequest> requests(String pathPart) {
        return requests.stream()
                .filter(request -> request.path().contains(pathPart))
                .toList();
    }

    public void forgetRequests() {
        requests.clear();
    }

    public int tokensIssued() {
        return tokensIssued.get();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        requests.add(FakeRegistryRequest.of(exchange));
        String path = exchange.getRequestURI().getPath();
        Document document = documents.get(path);
        Planned next = next(path);
        if (next != null) {
            next.trouble().strike(exchange, document == null ? new byte[0] : document.bytes());
        } else if (path.equals("/token")) {
            token(exchange);
        } else if (!mayEnter(exchange, path)) {
            refuse(exchange, path);
        } else if (document == null) {
            notFound(exchange, path);
        } else {
            answer(exchange, document);
        }
    }

    private @Nullable Planned next(String path) {
        for (Planned plan : planned) {
            if (path.contains(plan.pathPart()) && plan.left().getAndDecrement() > 0) {
                return plan;
            }
        }
        return null;
    }

    private static void answer(HttpExchange exchange, Document document) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", document.mediaType());
        byte[] asked = FakeRegistryHttp.range(exchange, document.bytes());
        FakeRegistryHttp.send(exchange, asked.length == document.bytes().length ? 200 : 206, asked);
    }

    private boolean mayEnter(HttpExchange exchange, String path) {
        String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        return switch (access) {
            case OPEN -> true;
            case BASIC -> shown.equals(basic);
            case BEARER ->
                shown.startsWith("Bearer ")
                        && scopeOf(path).equals(scopeByToken.get(shown.substring("Bearer ".length())));
        };
    }

    private void refuse(HttpExchange exchange, String path) throws IOException {
        String challenge = access == Access.BASIC
                ? "Basic realm=\"Fake, registry\""
                : "Bearer realm=\"" + url() + "/token\",service=\"fake\",scope=\"" + scopeOf(path) + "\"";
        exchange.getResponseHeaders().set("WWW-Authenticate", challenge);
        FakeRegistryHttp.send(exchange, 401, FakeRegistryHttp.error("UNAUTHORIZED", "authentication required"));
    }

    private static void notFound(HttpExchange exchange, String path) throws IOException {
        String kind = path.contains("/blobs/") ? "BLOB_UNKNOWN" : "MANIFEST_UNKNOWN";
        FakeRegistryHttp.send(exchange, 404, FakeRegistryHttp.error(kind, "not here"));
    }

    private void token(HttpExchange exchange) throws IOException {
        String shown = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!basic.isEmpty() && !shown.equals(basic)) {
            FakeRegistryHttp.send(exchange, 401, FakeRegistryHttp.error("UNAUTHORIZED", "wrong password"));
            return;
        }
        String token = "token-" + tokensIssued.incrementAndGet();
        String query = String.valueOf(exchange.getRequestURI().getRawQuery());
        for (String pair : query.split("&", -1)) {
            if (pair.startsWith("scope=")) {
                scopeByToken.put(token, URLDecoder.decode(pair.substring("scope=".length()), FakeRegistryHttp.UTF_8));
            }
        }
        FakeRegistryHttp.send(
                exchange, 200, ("{\"token\":\"" + token + "\",\"expires_in\":300}").getBytes(FakeRegistryHttp.UTF_8));
    }

    private FakeRegistry user(String username, String password) {
        basic = "Basic "
                + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(FakeRegistryHttp.UTF_8));
        return this;
    }

    private static String scopeOf(String path) {
        return "repository:" + path.replaceFirst("^/v2/(.*)/(manifests|blobs|tags)/.*$", "$1") + ":pull";
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
