package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fake.Faults;
import io.berth.fake.ImageFixture;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.files.TreePermissions;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.image.ImageReference;
import io.berth.layer.LayerUnpacker;
import io.berth.layer.UnpackOptions;
import io.berth.process.DiskFlush;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import io.berth.store.Repository;
import io.berth.store.RepositoryLayout;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepFilesTest {
    private static final ImageFixture IMAGE = ImageFixture.of(Map.of("a", "1"));

    @TempDir
    Path folder;

    private final FakeRegistry registry = FakeRegistry.start();
    private StageLayout layout;
    private NodeStage node;
    private StepFiles files;
    private Repository repository;
    private final List<String> said = new CopyOnWriteArrayList<>();

    @BeforeEach
    void open() {
        long uid = UnixStat.of(folder).uid();
        layout = StageLayout.of(Folders.make(folder.resolve("node")), uid);
        node = NodeStage.open(layout, uid, "this boot", Duration.ofSeconds(60));
        repository = Repository.open(RepositoryLayout.under(folder.resolve("repo")), Duration.ofSeconds(30));
        files = files(Duration.ofHours(1));
    }

    /// @param slow when it says that it still works
    private StepFiles files(Duration slow) {
        LongWork longWork = new LongWork(slow, "n7", said::add);
        return new StepFiles(
                layout,
                new PullImage(FakeRegistry.client(1), repository, longWork),
                longWork,
                new LayerUnpacker(),
                UnpackOptions.shared(),
                new Squashfs("/usr/bin"),
                new DiskFlush(Path.of("/bin/false")),
                Optional.empty(),
                UnixStat.of(folder).uid());
    }

    @AfterEach
    void close() {
        registry.close();
        TreePermissions.open(folder, UnixStat.of(folder).uid());
    }

    private ImageReference image(Digest digest) {
        return ImageReference.parse(registry.host() + "/lab/x@" + digest);
    }

    /// As if its layer were larger than any disk.
    private ImageReference huge() {
        registry.push("lab/x", "1", IMAGE);
        String manifest = new String(IMAGE.manifestBytes(), StandardCharsets.UTF_8);
        String size = "\"size\":" + IMAGE.layersOldestFirst().getFirst().sizeBytes();
        assertThat(manifest).contains(size);
        byte[] changed = manifest.replace(size, "\"size\":9000000000000000").getBytes(StandardCharsets.UTF_8);
        return image(registry.pushManifest("lab/x", "huge", "application/vnd.oci.image.manifest.v1+json", changed));
    }

    @Test
    void an_image_that_fits_is_unpacked() {
        registry.push("lab/x", "1", IMAGE);
        Digest digest = Digest.sha256Of(IMAGE.manifestBytes());

        files.prefetch(node, image(digest));

        assertThat(layout.image(digest).resolve("rootfs/a")).hasContent("1");
        assertThat(said).isEmpty();
    }

    @Test
    void what_takes_long_is_told_in_one_line() {
        registry.push("lab/x", "1", IMAGE);
        ImageReference image = image(Digest.sha256Of(IMAGE.manifestBytes()));
        registry.troubleNext(1, "blobs", (exchange, good) -> {
            while (said.isEmpty()) {
                Thread.onSpinWait();
            }
            FakeRegistryTrouble.slow(Duration.ZERO).strike(exchange, good);
        });

        files(Duration.ofMillis(1)).prefetch(node, image);

        assertThat(said).singleElement().asString().matches("still fetching " + image + " on node n7 after 0 s.*");
    }

    @Test
    void an_image_that_cannot_fit_is_refused_before_it_is_fetched() {
        ImageReference huge = huge();

        FaultException told = Faults.expect(Fault.NO_SPACE, () -> files.prefetch(node, huge));

        assertThat(told)
                .hasMessageContaining(huge.toString())
                .hasMessageContaining("8583068847 MiB")
                .hasMessageMatching(".* and " + layout.base() + " has [0-9]+ MiB left");
        assertThat(told.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("BERTH_NODE_DIR"));
        assertThat(registry.requests("blobs")).isEmpty();
        assertThat(folder.resolve("node/berth-" + UnixStat.of(folder).uid() + "/images"))
                .isEmptyDirectory();
    }

    @Test
    void a_full_disk_tells_what_others_have_there() throws IOException {
        String owner = Files.getOwner(folder).getName();
        Path other = Folders.make(folder.resolve("node/berth-4000000001"));
        Files.write(other.resolve("tree"), new byte[3 << 20]);
        for (String stranger : List.of("berth-x", "other-7")) {
            Folders.make(folder.resolve("node").resolve(stranger));
        }
        ImageReference huge = huge();

        assertThat(Faults.expect(Fault.NO_SPACE, () -> files.prefetch(node, huge)))
                .hasMessageEndingWith(" left; others have images there too: " + owner + " 3 MiB");

        for (int i = 2; i < 8; i++) {
            Folders.make(folder.resolve("node/berth-400000000" + i));
        }
        assertThat(Faults.expect(Fault.NO_SPACE, () -> files.prefetch(node, huge)))
                .hasMessageEndingWith(" and 2 more");
    }

    @Test
    void a_disk_that_fills_meanwhile_tells_the_same() {
        FaultException told = Faults.expect(
                Fault.NO_SPACE,
                () -> new NodeRoom(layout).use(() -> {
                    throw FaultException.of(Fault.NO_SPACE, "writing: full", "buy a disk");
                }));

        assertThat(told).hasMessage("writing: full");
        assertThat(told.hint()).hasValueSatisfying(hint -> assertThat(hint).contains("--node-dir"));
    }

    @Test
    void a_folder_in_memory_is_told_from_one_on_a_disk() {
        assertThat(new NodeRoom(new StageLayout(Path.of("/dev/shm"))).inMemory())
                .hasValueSatisfying(line -> assertThat(line).startsWith("/dev/shm lies in memory"));
        assertThat(new NodeRoom(new StageLayout(Path.of("/proc"))).inMemory()).isEmpty();
    }
}
