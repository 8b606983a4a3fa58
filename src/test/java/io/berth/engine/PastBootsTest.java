package io.berth.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.Folders;
import io.berth.files.UnixStat;
import io.berth.process.LaunchPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PastBootsTest {
    @TempDir
    Path folder;

    private Path place;
    private Path launcher;

    @BeforeEach
    void make_a_launcher() throws IOException {
        place = Folders.make(folder.resolve("place"));
        launcher = Files.writeString(
                folder.resolve("berth-exec"), "#!/bin/sh\nsed -n 's/^prefix .* //p' \"$1\" 2>/dev/null\nexit 42\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    private LaunchPlan.Owner owner(String boot, String node) {
        return new LaunchPlan.Owner(UnixStat.of(folder).uid(), boot, node);
    }

    /// Keeps facts and a trial, as planning does.
    private void plan(LaunchPlan.Owner owner) {
        new FactsCache(new EngineOptions(launcher, Optional.empty(), place)).facts(place, owner);
        assertThat(new KeptTrials(launcher, Optional.of(owner), place).failure(List.of("--try"), List.of()))
                .isEmpty();
    }

    private List<Path> left(LaunchPlan.Owner here) {
        return PastBoots.left(place, here);
    }

    @Test
    void what_an_earlier_boot_of_this_machine_found_out_is_left_and_nothing_else() {
        plan(owner("boot1", "node7"));
        List<Path> past = Folders.list(place);
        plan(owner("boot2", "node7"));
        plan(owner("boot1", "node8"));

        assertThat(past).hasSize(2);
        assertThat(left(owner("boot1", "node7"))).hasSize(2).doesNotContainAnyElementsOf(past);
        assertThat(left(owner("boot2", "node7"))).containsExactlyInAnyOrderElementsOf(past);
        assertThat(left(owner("boot9", "node9"))).isEmpty();
    }

    @Test
    void what_nobody_can_use_is_left() throws IOException {
        Files.writeString(place.resolve(".facts-0123456789ab.json"), "{");
        Files.createFile(place.resolve(".trial-0123456789ab"));
        Files.createFile(place.resolve("images"));
        Files.createFile(place.resolve(".facts-0123456789ab.json.draft"));

        assertThat(left(owner("boot1", "node7")))
                .containsExactlyInAnyOrder(
                        place.resolve(".facts-0123456789ab.json"), place.resolve(".trial-0123456789ab"));
    }

    @Test
    void a_trial_that_was_killed_is_left_when_none_can_be_at_it_any_more() throws IOException {
        Path trial = Folders.make(place.resolve(".trial-3f8d6cfa-32b2-4a0e-9d44-0b62b24ff0a1"));
        assertThat(left(owner("boot1", "node7"))).isEmpty();

        Files.setLastModifiedTime(trial, FileTime.from(Instant.now().minus(Duration.ofHours(2))));

        assertThat(left(owner("boot1", "node7"))).containsExactly(trial);
    }
}
