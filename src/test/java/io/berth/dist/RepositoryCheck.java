package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Whether a repository is valid, judged by udocker's format on disk alone and without berth's code.
final class RepositoryCheck {
    private static final String ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";

    private final Path root;

    RepositoryCheck(Path root) {
        this.root = root;
    }

    /// Each image that can be seen is whole, each blob is what its name says, each container has what it needs.
    ///
    /// @return what can be seen: `image NAME:TAG`, `container IMAGE names [A]`
    SortedSet<String> valid() {
        try {
            SortedSet<String> seen = new TreeSet<>();
            blobs();
            for (Path tag : tags()) {
                seen.add("image " + root.resolve("repos").relativize(tag));
                image(tag);
            }
            containers(seen);
            return seen;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void blobs() throws IOException {
        for (String name : Host.names(root.resolve("layers"))) {
            if (name.startsWith("sha256:")) {
                assertThat("sha256:" + sha256(root.resolve("layers").resolve(name)))
                        .as("a blob is what its name says")
                        .isEqualTo(name);
            } else {
                assertThat(name).as("in layers").matches("\\.draft-" + ID + "|\\.sha256:[0-9a-f]{64}\\.part");
            }
        }
    }

    private List<Path> tags() throws IOException {
        List<Path> tags = new ArrayList<>();
        if (Files.isDirectory(root.resolve("repos"))) {
            try (Stream<Path> files = Files.walk(root.resolve("repos"))) {
                files.filter(file -> file.endsWith("TAG")).map(Path::getParent).forEach(tags::add);
            }
        }
        return tags;
    }

    private static void image(Path tag) throws IOException {
        assertThat(tag.resolve("v2")).isRegularFile();
        JsonNode manifest = new ObjectMapper().readTree(Files.readString(tag.resolve("manifest")));
        List<JsonNode> blobs = new ArrayList<>(List.of(manifest.get("config")));
        manifest.get("layers").forEach(blobs::add);
        for (JsonNode blob : blobs) {
            Path link = tag.resolve(blob.get("digest").asText());
            assertThat(Files.isSymbolicLink(link)).as("%s is a link", link).isTrue();
            assertThat(Files.size(link))
                    .as("size of %s", link)
                    .isEqualTo(blob.get("size").asLong());
        }
    }

    private void containers(SortedSet<String> seen) throws IOException {
        Path folder = root.resolve("containers");
        for (String name : Host.names(folder)) {
            Path entry = folder.resolve(name);
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) && !name.startsWith(".draft-")) {
                assertThat(name).matches(ID);
                assertThat(entry.resolve("ROOT")).isDirectory();
                new ObjectMapper().readTree(Files.readString(entry.resolve("container.json")));
                seen.add("container " + Files.readString(entry.resolve("imagerepo.name")) + " names "
                        + names(folder, name) + " " + count(entry.resolve("ROOT")));
            }
        }
    }

    private static List<String> names(Path folder, String id) throws IOException {
        List<String> names = new ArrayList<>();
        for (String name : Host.names(folder)) {
            Path link = folder.resolve(name);
            if (Files.isSymbolicLink(link) && Files.readSymbolicLink(link).endsWith(id)) {
                names.add(name);
            }
        }
        return names;
    }

    private static long count(Path tree) throws IOException {
        try (Stream<Path> files = Files.walk(tree)) {
            return files.count();
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest hasher = MessageDigest.getInstance("SHA-256");
            byte[] piece = new byte[1 << 16];
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                hasher.update(piece, 0, n);
            }
            return HexFormat.of().formatHex(hasher.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
