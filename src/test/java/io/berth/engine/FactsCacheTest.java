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
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher is a shell script that answers as berth-exec would, and counts.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FactsCacheTest {
    @TempDir
    Path folder;

    private Path place;
    private Path launcher;
    private Path calls;

    @BeforeEach
    void make_a_launcher() throws IOException {
        place = Folders.make(folder.resolve("place"));
        launcher = folder.resolve("berth-exec");
        calls = Files.createFile(folder.resolve("calls"));
        launcher("sed -n 's/^prefix .* //p' \"$1\"; exit 42");
    }

    private void launcher(String script) throws IOException {
        Files.writeString(launcher, "#!/bin/sh\necho x >>" + calls + "\n" + script + "\n");
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    private LaunchPlan.Owner owner(String boot) {
        return new LaunchPlan.Owner(UnixStat.of(folder).uid(), boot, "node7");
    }

    private HostFacts facts(String boot) {
        return new FactsCache(new EngineOptions(launcher, Optional.empty(), place)).facts(place, owner(boot));
    }

    /// One for each mode that needs the launcher and nothing else: R1 and R2.
    private long calls() throws IOException {
        return Files.readString(calls).lines().count() / 2;
    }

    @Test
    void each_mode_is_tried_and_the_trials_leave_nothing() {
        HostFacts facts = facts("boot1");

        assertThat(facts.node()).isEqualTo("node7");
        assertThat(facts.bootId()).isEqualTo("boot1");
        assertThat(facts.trials())
                .extracting(Trial::mode)
                .containsExactly(
                        ExecutionMode.R1,
                        ExecutionMode.P1,
                        ExecutionMode.P2,
                        ExecutionMode.R2,
                        ExecutionMode.R3,
                        ExecutionMode.F1,
                        ExecutionMode.F2,
                        ExecutionMode.F3,
                        ExecutionMode.F4,
                        ExecutionMode.S1);
        assertThat(facts.trials())
                .extracting(Trial::works)
                .containsExactly(true, false, false, true, false, false, false, false, false, false);
        assertThat(facts.trials().get(5).finding()).contains("libfakechroot");
        assertThat(facts.trials().get(1).finding()).contains("proot").contains("not in PATH");
        assertThat(Folders.list(place))
                .hasSize(1)
                .allSatisfy(file -> assertThat(file.getFileName().toString()).matches("\\.facts-[0-9a-f]{12}\\.json"));
    }

    @Test
    void a_trial_must_show_its_token_and_its_status() throws IOException {
        launcher("echo 'berth: making a namespace: refused'; exit 125");
        assertThat(facts("a").trials().getFirst().finding()).isEqualTo("making a namespace: refused (status 125)");

        launcher("exit 42");
        assertThat(facts("a").trials().getFirst().works()).isFalse();

        launcher("sed -n 's/^prefix .* //p' \"$1\"; exit 0");
        assertThat(facts("a").trials().getFirst().works()).isFalse();
    }

    @Test
    void what_was_measured_is_not_measured_again() throws IOException {
        HostFacts first = facts("boot1");
        HostFacts second = facts("boot1");

        assertThat(second).isEqualTo(first);
        assertThat(calls()).isEqualTo(1);
    }

    @Test
    void another_boot_or_another_launcher_is_measured_anew() throws IOException {
        facts("boot1");
        facts("boot2");
        assertThat(calls()).isEqualTo(2);

        Files.setLastModifiedTime(launcher, FileTime.fromMillis(1));
        facts("boot2");
        assertThat(calls()).isEqualTo(3);
    }

    @Test
    void a_damaged_cache_is_made_anew() throws IOException {
        HostFacts good = facts("boot1");
        Path file = Folders.list(place).getFirst();
        List<byte[]> damages = List.of(
                new byte[0],
                new byte[] {(byte) 0xff, (byte) 0xc0},
                "{".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "null".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "{}".getBytes(java.nio.charset.StandardCharsets.UTF_8),
                "{\"node\": 1, \"other\": true}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        for (byte[] damage : damages) {
            Files.write(file, damage);
            assertThat(facts("boot1").trials()).hasSameSizeAs(good.trials());
        }
        assertThat(calls()).isEqualTo(1 + damages.size());
        facts("boot1");
        assertThat(calls()).isEqualTo(1 + damages.size());
    }
}
