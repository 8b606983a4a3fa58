package io.berth.cluster;

import static io.berth.cluster.Cluster.BUSYBOX;
import static io.berth.cluster.Cluster.REGISTRY;
import static org.assertj.core.api.Assertions.assertThat;

import io.berth.cluster.Cluster.Ended;
import io.berth.cluster.Cluster.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What jobs say on a cluster with defects. Each ends with one clear message, before any rank ran, and leaves nothing
/// half-made.
///
/// n1 is sound; n2 has neither user namespaces nor PRoot; n3 has a small /tmp; in the /tmp of n4 the user may not
/// write.
@Tag("slurm")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(180)
class ClusterFaultIT {
    private static final String[] NODES = {"n1", "n2", "n3", "n4"};
    private static final String[] MARK = {"--", "sh", "-c", "echo ran >> ranks-that-ran"};

    private Cluster cluster;

    @BeforeAll
    void start() {
        cluster = Cluster.up(
                4,
                Map.of(
                        "CLUSTER_NOUSERNS", "n2",
                        "CLUSTER_HIDE", "n2:proot," + Cluster.ownProot(),
                        "CLUSTER_TMP_SIZE", "n3:8m",
                        "CLUSTER_TMP_MODE", "n4:0755"),
                "busybox",
                "zstd");
    }

    @AfterAll
    void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @BeforeEach
    void afresh() {
        cluster.forget(NODES);
    }

    @Test
    void a_wrong_image_name_is_told_before_anything_is_submitted() {
        Outcome outcome = cluster.berth(job("submit", "--nodes=1", REGISTRY + "/berth/nosuch"));

        assertThat(outcome.status()).isNotZero();
        assertOneMessage(outcome.lines(), "berth/nosuch");
        assertThat(outcome.lines()).hasSize(2);
        assertThat(cluster.queue()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void a_path_that_does_not_exist_is_told_before_anything_is_submitted() {
        Outcome outcome = cluster.berth(job("submit", "--nodes=1", "--volume=/no/such:/data", BUSYBOX));

        assertThat(outcome.status()).isNotZero();
        assertOneMessage(outcome.lines(), "/no/such");
        assertThat(cluster.queue()).isEmpty();
        assertNothingIsLeft();
    }

    @Test
    void what_only_the_nodes_may_have_is_submitted_unchecked_when_asked() {
        Ended ended = cluster.job("--no-check", "--nodes=1", "--volume=/no/such:/data", BUSYBOX, "--", "/bin/true");

        assertFailed(ended, "/no/such");
    }

    @Test
    void an_image_that_vanished_after_the_submission_ends_the_job() throws IOException {
        String image = REGISTRY + "/berth/zstd";
        String id = submitHeld(image);
        String digest = cluster.home("job.sh")
                .lines()
                .filter(line -> line.startsWith("image="))
                .map(line -> line.substring(line.indexOf('@') + 1))
                .findFirst()
                .orElseThrow();
        Outcome delete = cluster.on(
                "head", "curl", "-sSf", "-X", "DELETE", "http://" + REGISTRY + "/v2/berth/zstd/manifests/" + digest);
        assertThat(delete.status()).as(delete.output()).isZero();

        Ended ended = release(id);

        assertFailed(ended, "berth/zstd@sha256");
        assertNothingIsLeft();
    }

    @Test
    void a_registry_that_does_not_answer_ends_the_job() throws IOException {
        String id = submitHeld(BUSYBOX);
        cluster.script("registry", "stop");
        try {
            assertFailed(release(id), REGISTRY);
        } finally {
            cluster.script("registry", "start");
        }
        assertNothingIsLeft();
    }

    /// With less room than the image takes packed, and with room for a part of it.
    @ParameterizedTest
    @CsvSource({"600,MiB left", "1200,No space left"})
    void a_full_disk_on_a_node_ends_the_job(String freeKilobytes, String told) {
        cluster.script("fill", "n3", freeKilobytes);
        try {
            Ended ended = cluster.await(cluster.submit(marked("--nodes=2", "--nodelist=n1,n3", BUSYBOX)));

            assertFailed(ended, "n3", told);
        } finally {
            cluster.script("unfill", "n3");
        }
        assertNoJobIsLeft();
    }

    @Test
    void a_full_disk_that_holds_the_image_already_ends_the_job() {
        assertThat(cluster.job("--nodes=1", "--nodelist=n3", BUSYBOX, "--", "true")
                        .state())
                .isEqualTo("COMPLETED");
        cluster.script("fill", "n3", "0");
        try {
            Ended ended = cluster.await(cluster.submit(marked("--nodes=1", "--nodelist=n3", BUSYBOX)));

            assertFailed(ended, "n3", "No space left");
        } finally {
            cluster.script("unfill", "n3");
        }
        assertNoJobIsLeft();
    }

    @Test
    void a_node_local_folder_that_cannot_be_written_ends_the_job() {
        Ended ended = cluster.await(cluster.submit(marked("--nodes=2", "--nodelist=n1,n4", BUSYBOX)));

        assertFailed(ended, "n4", "/tmp/berth-" + Cluster.UID, "permission denied");
        assertNoJobIsLeft();
    }

    @Test
    void a_node_without_user_namespaces_and_without_proot_ends_the_job() {
        Ended ended = cluster.await(cluster.submit(marked("--nodes=2", "--nodelist=n1,n2", BUSYBOX)));

        assertFailed(ended, "n2", "R1", "P1, P2, R3: ", "proot");
        assertNoJobIsLeft();
    }

    @Test
    void a_corrupted_blob_ends_the_job_and_a_sound_one_mends_it() throws IOException {
        String layer = largest(cluster.blobsOf(BUSYBOX));
        Path blob = blobFile(layer);
        byte[] sound = Files.readAllBytes(blob);
        byte[] broken = sound.clone();
        broken[broken.length / 2] ^= 0x40;
        Files.write(blob, broken);
        try {
            Ended ended = cluster.await(cluster.submit(marked("--nodes=1", "--nodelist=n1", BUSYBOX)));

            assertFailed(ended, layer.substring(0, 19));
            assertNothingIsLeft(cluster.blobsOf(BUSYBOX).stream()
                    .filter(digest -> !digest.equals(layer))
                    .map(digest -> "./layers/" + digest)
                    .toArray(String[]::new));
        } finally {
            Files.write(blob, sound);
        }

        Ended next = cluster.job("--nodes=1", "--nodelist=n1", BUSYBOX, "--", "echo", "ran");
        assertThat(next.state()).as(next.output()).isEqualTo("COMPLETED");
        assertThat(next.lines()).containsExactly("ran");
    }

    // --- what several tests need

    private static String[] job(String verb, String... options) {
        return Stream.of(Stream.of("job", verb), Stream.of(options), Stream.of(MARK))
                .flatMap(words -> words)
                .toArray(String[]::new);
    }

    private static String[] marked(String... options) {
        return Stream.concat(Stream.of(options), Stream.of(MARK)).toArray(String[]::new);
    }

    /// A job on n1 whose script is `job.sh`, that waits for its release.
    private String submitHeld(String image) throws IOException {
        Outcome script = cluster.berth(job("script", "--hold", "--nodes=1", "--nodelist=n1", image));
        assertThat(script.status()).as(script.output()).isZero();
        Files.writeString(cluster.home().resolve("job.sh"), script.output());
        return cluster.sbatch("job.sh");
    }

    private Ended release(String id) {
        assertThat(cluster.on("head", "scontrol", "release", id).status()).isZero();
        return cluster.await(id);
    }

    private void assertFailed(Ended ended, String... parts) {
        assertThat(ended.state()).as(ended.output()).isEqualTo("FAILED");
        assertThat(ended.exitCode()).isNotZero();
        assertOneMessage(ended.lines(), parts);
        assertThat(cluster.hasHome("ranks-that-ran")).isFalse();
    }

    /// Slurm's own lines may stand beside it.
    private static void assertOneMessage(List<String> lines, String... parts) {
        List<String> ours = lines.stream()
                .filter(line -> !line.startsWith("srun: ") && !line.startsWith("slurmstepd"))
                .toList();
        assertThat(ours).as(String.join("\n", lines)).hasSize(2);
        assertThat(ours.get(0)).startsWith("berth: ").contains(parts);
        assertThat(ours.get(1)).startsWith("hint: ");
    }

    /// Whole trees on sound nodes may stay.
    private void assertNoJobIsLeft() {
        for (String node : NODES) {
            assertThat(cluster.stagedNames(node)).as(node).allMatch(name -> name.matches("images/[0-9a-f]{64}"));
        }
    }

    /// @param blobs whole ones that the next pull need not fetch again; no image shows them
    private void assertNothingIsLeft(String... blobs) {
        assertThat(cluster.repository()).isSubsetOf(blobs);
        for (String node : NODES) {
            assertThat(cluster.stagedNames(node)).as(node).isEmpty();
        }
    }

    private Path blobFile(String digest) {
        String hex = digest.substring(digest.indexOf(':') + 1);
        return cluster.registryData().resolve("blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data");
    }

    private String largest(List<String> digests) throws IOException {
        String largest = digests.getFirst();
        for (String digest : digests) {
            if (Files.size(blobFile(digest)) > Files.size(blobFile(largest))) {
                largest = digest;
            }
        }
        return largest;
    }
}
