package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.container.Volume;
import io.berth.fake.FakeRegistry;
import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is refused before a job waits in a queue.
@DisplayNameGeneration(ReplaceUnderscores.class)
class CheckJobTest {
    private static final ImageFixture GOOD = ImageFixture.of(Map.of("a", "1"));
    private static final ImageFixture FOREIGN = ImageFixture.builder()
            .layer(tar -> tar.file("a", "1"))
            .platform("linux/s390x")
            .build();

    @TempDir
    Path folder;

    private final FakeRegistry registry = FakeRegistry.start();
    private Repository repository;

    @BeforeEach
    void open() {
        repository = Repository.open(RepositoryLayout.under(folder), Duration.ofSeconds(30));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private ImageReference image(Digest digest) {
        return ImageReference.parse(registry.host() + "/lab/x@" + digest);
    }

    private void check(ImageFixture image, String... volumes) {
        registry.push("lab/x", "1", image);
        new CheckJob(FakeRegistry.client(1), repository)
                .check(
                        image(image.manifest().digest()),
                        List.of(volumes).stream().map(Volume::parse).toList());
    }

    @Test
    void what_is_right_is_found_so_without_fetching_a_layer() {
        check(GOOD, folder.toString(), folder + ":/data:ro");

        assertThat(registry.requests(
                        GOOD.layersOldestFirst().getFirst().digest().toString()))
                .isEmpty();
    }

    @Test
    void an_image_that_no_registry_has_is_named() {
        FaultException told = Faults.expect(
                Fault.NOT_FOUND,
                () -> new CheckJob(FakeRegistry.client(1), repository)
                        .check(image(Digest.sha256Of("nothing".getBytes(StandardCharsets.UTF_8))), List.of()));

        assertThat(told).hasMessageContaining("lab/x@sha256:");
    }

    @Test
    void an_image_for_another_machine_is_refused() {
        FaultException told = Faults.expect(Fault.BAD_INPUT, () -> check(FOREIGN));

        assertThat(told).hasMessageContaining("linux/s390x");
        assertThat(told.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("--no-check"));
    }

    @Test
    void a_path_that_is_not_here_is_refused_before_the_registry_is_asked() {
        FaultException told = Faults.expect(Fault.NOT_FOUND, () -> check(GOOD, folder + "/nothing:/data"));

        assertThat(told).hasMessageContaining(folder + "/nothing").hasMessageContaining("/data");
        assertThat(registry.requests("manifests")).isEmpty();
    }

    @Test
    void an_image_that_is_greater_than_the_disk_is_refused() {
        Descriptor layer = GOOD.layersOldestFirst().getFirst();
        String size = "\"size\":" + layer.sizeBytes();
        String manifest = new String(GOOD.manifestBytes(), StandardCharsets.UTF_8);
        assertThat(manifest).contains(size);
        registry.push("lab/x", "1", GOOD);
        Digest huge = registry.pushManifest(
                "lab/x",
                "huge",
                "application/vnd.oci.image.manifest.v1+json",
                manifest.replace(size, "\"size\":9000000000000000").getBytes(StandardCharsets.UTF_8));

        FaultException told = Faults.expect(
                Fault.NO_SPACE, () -> new CheckJob(FakeRegistry.client(1), repository).check(image(huge), List.of()));

        assertThat(told).hasMessageContaining("MiB").hasMessageContaining(folder.toString());
    }
}
