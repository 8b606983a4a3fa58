package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.process.LaunchPlan;
import io.berth.stage.NodeStage;
import io.berth.stage.StageLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SweepNodeTest {
    @TempDir
    Path node;

    private SweepNode sweep(String boot) {
        long uid = UnixStat.of(node).uid();
        StageLayout layout = StageLayout.of(node, uid);
        return new SweepNode(
                () -> NodeStage.open(layout, uid, boot, Duration.ofSeconds(60)),
                layout,
                new LaunchPlan.Owner(uid, boot, "node7"));
    }

    @Test
    void where_nothing_was_staged_nothing_is_made() {
        assertThat(sweep("boot2").sweep(true).jobs()).isEmpty();

        assertThat(node).isEmptyDirectory();
    }

    @Test
    void findings_of_earlier_boots_go_and_those_of_this_one_stay() throws IOException {
        Path base =
                Files.createDirectory(node.resolve("berth-" + UnixStat.of(node).uid()));
        Files.setPosixFilePermissions(base, java.nio.file.attribute.PosixFilePermissions.fromString("rwx------"));
        Path past = Files.writeString(base.resolve(".trial-000000000001"), "boot1 node7\n");
        Path present = Files.writeString(base.resolve(".trial-000000000002"), "boot2 node7\n");

        sweep("boot2").sweep(false);

        assertThat(past).doesNotExist();
        assertThat(present).exists();
    }

    @Test
    void images_that_no_step_has_asked_for_since_then_go_and_younger_ones_stay() {
        assertThat(sweep("boot1").sweepUnused(Instant.MAX).images()).isZero();
        assertThat(node).as("nothing is made for it").isEmptyDirectory();
        long uid = UnixStat.of(node).uid();
        NodeStage.open(StageLayout.of(node, uid), uid, "boot1", Duration.ofSeconds(60))
                .image(Digest.sha256Of(new byte[] {1}), _ -> "{}");
        Instant now = Instant.now();

        assertThat(sweep("boot1").sweepUnused(now.minusSeconds(60)).images()).isZero();
        assertThat(sweep("boot1").sweepUnused(now.plusSeconds(60)).images()).isEqualTo(1);
    }
}
