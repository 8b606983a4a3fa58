package io.berth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ProgressLineTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long nanos = 7;

    private ProgressLine line(boolean terminal, int columns) {
        PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        return new ProgressLine(err, "berth", terminal, columns, () -> nanos);
    }

    private void pass(double seconds) {
        nanos += (long) (seconds * 1e9);
    }

    private String said() {
        String said = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return said;
    }

    @Test
    void a_terminal_shows_a_bar_with_share_rate_and_time_left_and_is_cleared_at_the_end() {
        try (Progress.Task task = line(true, 62).begin("x", 400_000_000)) {
            pass(2);
            task.advance(100_000_000);
            assertThat(said()).isEqualTo("\r[#####---------------] 25 % of 400.0 MB, 50.0 MB/s, 0:06 left\u001b[K");
            task.advance(1);
            assertThat(said()).as("not more often than ten times a second").isEmpty();
        }
        assertThat(said()).isEqualTo("\r\u001b[K");
    }

    @Test
    void a_narrow_terminal_has_no_bar_and_its_line_is_cut() {
        for (int columns : new int[] {46, 20, 1, 0}) {
            try (Progress.Task task = line(true, columns).begin("x", 4_000_000)) {
                pass(1);
                task.advance(1_000_000);
            }
            assertThat(said().replaceAll("\u001b\\[K|\r", ""))
                    .hasSizeLessThan(Math.max(columns, 1))
                    .doesNotContain("#");
        }
    }

    @Test
    void elsewhere_it_is_a_line_every_few_seconds() {
        try (Progress.Task task = line(false, 80).begin("x", 8_000_000_000L)) {
            pass(4.9);
            task.advance(1_000_000);
            assertThat(said()).as("what is quick says nothing").isEmpty();
            pass(0.1);
            task.advance(1_000_000);
            assertThat(said()).isEqualTo("berth: 0 % of 8000.0 MB, 0.4 MB/s, 5:33:15 left\n");
            pass(1);
            task.advance(1_000_000);
            assertThat(said()).isEmpty();
        }
        assertThat(said()).isEmpty();
    }

    @Test
    void a_size_that_nobody_knows_leaves_amount_and_rate() {
        try (Progress.Task task = line(true, 80).begin("x", -1)) {
            pass(1);
            task.advance(12_300_000);
        }
        assertThat(said()).startsWith("\r12.3 MB, 12.3 MB/s\u001b[K");
    }

    @Test
    void a_size_that_costs_is_asked_for_on_a_terminal_only() {
        try (Progress.Task task = line(true, 80).begin("x", () -> 10_000_000)) {
            pass(1);
            task.advance(5_000_000);
        }
        assertThat(said()).contains("50 % of 10.0 MB");
        line(false, 80)
                .begin("x", () -> {
                    throw new AssertionError("nobody sees it");
                })
                .close();
    }

    @Test
    void what_is_announced_counts_before_it_begins() {
        ProgressLine line = line(true, 80);
        line.expect(40_000_000);
        try (Progress.Task task = line.begin("first of four", 10_000_000)) {
            pass(1);
            task.advance(10_000_000);
        }
        assertThat(said()).contains("25 % of 40.0 MB").contains("0:03 left");
    }

    @Test
    void the_rate_follows_what_happens_now() {
        try (Progress.Task task = line(true, 80).begin("x", 1_000_000_000)) {
            pass(1);
            task.advance(100_000_000);
            for (int i = 0; i < 30; i++) {
                pass(1);
                task.advance(1_000_000);
            }
        }
        String said = said();
        assertThat(said.substring(said.lastIndexOf(" %"))).contains(" 1.1 MB/s");
    }
}
