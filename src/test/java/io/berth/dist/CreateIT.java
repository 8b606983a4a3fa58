package io.berth.dist;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.dist.TestRegistry.Blob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// `berth create` as shipped, interrupted, on a full disk, on damaged blobs.
@ExtendWith(Lab.Provider.class)
@DisplayNameGeneration(ReplaceUnderscores.class)
class CreateIT {
    private static final int FILES = 25_000;

    private static Lab lab;
    private static String image;
    private static Blob layer;

    private Berth berth;
    private Path containers;

    @BeforeAll
    static void share(Lab given) {
        lab = given;
        layer = TestRegistry.layer(tar -> {
            for (int i = 0; i < FILES; i++) {
                TestRegistry.file(tar, "many/" + i % 100 + "/" + i, new byte[600]);
            }
        });
        given.registry().push("berth/many", "\"Cmd\":[\"sh\"]", layer);
        image = given.registry().address() + "/berth/many";
    }

    @BeforeEach
    void begin() {
        berth = lab.user();
        berth.succeed("pull", image);
        containers = berth.repository().resolve("containers");
    }

    private Running startedToUnpack() {
        Running create = berth.start("create", "--name=many", image);
        Host.waitUntil(
                "a draft that grows",
                () -> Host.names(containers).stream()
                        .anyMatch(name -> Files.exists(containers.resolve(name).resolve("ROOT/many/50"))));
        return create;
    }

    private static String shortened(Blob blob) {
        return blob.digest().substring(0, "sha256:".length() + 12);
    }

    private void isComplete(String name) {
        assertThat(Host.run("bash", "-c", "find '" + containers + "/" + name + "/ROOT' -type f | wc -l"))
                .isEqualToIgnoringNewLines(String.valueOf(FILES));
    }

    @Test
    void interrupted_it_leaves_nothing() {
        startedToUnpack().signal("TERM").await().failedWith(143, "unpacking layer");
        assertThat(Host.names(containers)).isEmpty();
        assertThat(berth.succeed("ps").out().lines()).hasSize(1);
        String id = berth.succeed("create", "--name=many", image).out().strip();
        isComplete(id);
    }

    @Test
    void killed_it_leaves_nothing_visible_and_the_next_one_sweeps() throws IOException {
        Running create = startedToUnpack();
        ProcessHandle java = create.java();
        Host.run("kill", "-KILL", String.valueOf(java.pid()));
        create.await().hasStatus(137);
        List<String> left = Host.names(containers);
        assertThat(left).singleElement().asString().startsWith(".draft-");
        assertThat(berth.succeed("ps").out().lines()).as("ps").hasSize(1);
        berth.run("rm", left.getFirst()).failedWith(1, left.getFirst());
        // a draft that was made a moment ago may not have its lease yet
        Files.setLastModifiedTime(
                containers.resolve(left.getFirst()), FileTime.from(Instant.now().minusSeconds(60)));
        String id = berth.succeed("create", image).out().strip();
        assertThat(Host.names(containers)).containsExactly(id);
        isComplete(id);
    }

    @Test
    void a_draft_that_somebody_is_making_is_not_swept() throws IOException {
        Running create = startedToUnpack();
        for (String name : Host.names(containers)) {
            Files.setLastModifiedTime(
                    containers.resolve(name), FileTime.from(Instant.now().minusSeconds(60)));
        }
        String other = berth.succeed("create", image).out().strip();
        String first = create.await().hasStatus(0).out().strip();
        isComplete(first);
        isComplete(other);
    }

    @Test
    void a_full_disk_is_one_message_and_leaves_nothing() {
        String small = berth.home() + "/small";
        Result result = berth.with("BERTH_DIR", small)
                .afterRoot("mkdir '" + small + "'; mount -t tmpfs -o size=40m,mode=777 none '" + small + "'")
                .after("\"$1\" pull --quiet '" + image + "' 2>/dev/null || \"$1\" --quiet pull '" + image + "';"
                        + " status=0; \"$@\" || status=$?; ls -A '" + small + "'/containers; exit $status")
                .run("create", image);
        assertThat(result.status()).as(result.toString()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("berth: ")
                .containsIgnoringCase("no space left")
                .contains(" into " + small)
                .hasLineCount(2);
    }

    @Test
    void a_blob_damaged_on_disk_is_one_message_and_leaves_nothing() throws IOException {
        Path file = berth.repository().resolve("layers").resolve(layer.digest());
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        berth.run("create", image).failedWith(1, shortened(layer));
        assertThat(Host.names(containers)).isEmpty();
        berth.run("run", image, "true").failedWith(125, shortened(layer));
        Files.delete(file);
        berth.run("create", image).failedWith(1, layer.digest(), "missing");
        berth.succeed("pull", image);
        isComplete(berth.succeed("create", image).out().strip());
    }

    @Test
    void an_image_that_is_not_here_is_one_message() {
        berth.run("create", "nothing").failedWith(1, "nothing", "no such image");
        assertThat(Host.names(containers)).isEmpty();
    }
}
