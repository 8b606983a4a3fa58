package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AtomicFileTest {
    @TempDir
    Path folder;

    @Test
    void a_file_has_the_content_and_the_permissions_and_nothing_lies_beside_it() throws IOException {
        Path file = folder.resolve("plan");

        AtomicFile.write(file, "grüße\n", "rw-------");
        AtomicFile.write(file, "zwei\n", "rw-------");

        assertThat(AtomicFile.read(file)).isEqualTo("zwei\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Folders.list(folder)).containsExactly(file);
    }

    @Test
    void a_link_is_replaced_and_not_followed() throws IOException {
        Path other = Files.writeString(folder.resolve("other"), "theirs");
        Path file = Files.createSymbolicLink(folder.resolve("plan"), other);

        AtomicFile.write(file, "ours", "rw-------");

        assertThat(other).hasContent("theirs");
        assertThat(Files.isSymbolicLink(file)).isFalse();
    }

    @Test
    void what_cannot_be_written_leaves_nothing() throws IOException {
        Path taken = folder.resolve("taken");
        Files.createDirectories(taken.resolve("full"));

        Faults.expect(Fault.UNREACHABLE, () -> AtomicFile.write(taken, "x", "rw-------"));

        assertThat(Folders.list(folder)).containsExactly(taken);
        Faults.expect(Fault.NOT_FOUND, () -> AtomicFile.write(folder.resolve("no/such"), "x", "rw-------"));
        Faults.expect(Fault.NOT_FOUND, () -> AtomicFile.read(folder.resolve("none")));
    }

    /// A write that is not one rename shows an empty or a half-written file here within a few rounds.
    @Test
    void a_reader_sees_the_old_content_or_the_new_one() throws InterruptedException {
        Path file = folder.resolve("plan");
        String one = "1".repeat(200_000);
        String two = "2".repeat(100_000);
        AtomicFile.write(file, one, "rw-------");
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean torn = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                String seen = AtomicFile.read(file);
                torn.compareAndSet(false, !seen.equals(one) && !seen.equals(two));
            }
        });
        for (int i = 0; i < 50; i++) {
            AtomicFile.write(file, i % 2 == 0 ? two : one, "rw-------");
        }
        done.set(true);
        reader.join();

        assertThat(torn).isFalse();
    }
}
