package io.berth.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RunRecordsTest {
    @TempDir
    Path parent;

    private Path folder;
    private RunRecords records;

    @BeforeEach
    void make_the_folder() {
        folder = parent.resolve("runs");
        records = on("node1", "boot1");
    }

    private RunRecords on(String node, String boot) {
        return new RunRecords(folder, new LaunchPlan.Owner(1000, boot, node));
    }

    @Test
    void a_run_that_has_begun_is_found_with_the_options_it_had() {
        List<String> options = List.of("--env=A=b c", "--volume=/a%:/b", "--workdir=/\u00fc\n");

        assertThat(records.begin("R1", options)).isPresent();

        assertThat(records.living()).singleElement().satisfies(record -> {
            assertThat(record.options()).isEqualTo(options);
            assertThat(record.mode()).isEqualTo("R1");
            assertThat(record.isComplete())
                    .as("nobody knows the namespaces yet")
                    .isFalse();
            assertThat(records.isHere(record)).isTrue();
        });
    }

    @Test
    void the_program_that_the_starter_adds_is_known() throws IOException {
        Path file = records.begin("R1", List.of()).orElseThrow();
        Files.writeString(file, "program 42 4711\n", StandardOpenOption.APPEND);

        assertThat(records.living()).singleElement().satisfies(record -> {
            assertThat(record.program()).contains(new ProcessMark(42, 4711));
            assertThat(record.isComplete()).isTrue();
        });
    }

    @Test
    void a_run_that_has_ended_is_forgotten() throws IOException {
        Files.createDirectories(folder);
        ProcessMark mine = ProcessMark.of(ProcessHandle.current().pid()).orElseThrow();
        RunRecord dead = new RunRecord(
                "node1",
                "boot1",
                "P2",
                new ProcessMark(mine.pid(), mine.started() + 1),
                List.of(),
                java.util.Optional.empty());
        Files.writeString(folder.resolve("dead"), dead.text());

        assertThat(records.living()).isEmpty();
        assertThat(Folders.list(folder)).isEmpty();
    }

    @Test
    void a_run_of_another_boot_is_over_and_one_of_another_node_may_live() throws IOException {
        Path file = records.begin("R1", List.of()).orElseThrow();

        assertThat(on("node2", "boot9").living())
                .singleElement()
                .satisfies(record ->
                        assertThat(on("node2", "boot9").isHere(record)).isFalse());
        assertThat(on("node1", "boot2").living()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void a_run_of_another_node_is_forgotten_after_long() throws IOException {
        Path file = records.begin("R1", List.of()).orElseThrow();
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(61))));

        assertThat(on("node2", "boot9").living()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void what_is_no_record_is_left_alone_while_it_may_be_written() throws IOException {
        Files.createDirectories(folder);
        Path file = Files.writeString(folder.resolve("half"), "berth-r");

        assertThat(records.living()).isEmpty();
        assertThat(file).exists();
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofMinutes(2))));
        assertThat(records.living()).isEmpty();
        assertThat(file).doesNotExist();
    }

    @Test
    void processes_are_told_apart_by_their_start() {
        ProcessMark mine = ProcessMark.of(ProcessHandle.current().pid()).orElseThrow();

        assertThat(mine.isAlive()).isTrue();
        assertThat(new ProcessMark(mine.pid(), mine.started() + 1).isAlive()).isFalse();
        assertThat(ProcessMark.of(99_999_999)).isEmpty();
    }
}
