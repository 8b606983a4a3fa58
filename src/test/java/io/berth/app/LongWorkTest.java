package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.progress.Progress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LongWorkTest {
    private final List<String> said = new CopyOnWriteArrayList<>();

    private LongWork after(Duration limit) {
        return new LongWork(limit, "n7", said::add);
    }

    private void untilSaid() {
        while (said.isEmpty()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void it_tells_once_what_is_done_and_how_far_it_has_come() {
        LongWork work = after(Duration.ofSeconds(1));
        for (int i = 0; i < 2; i++) {
            work.watch("fetching x", () -> {
                work.expect(9 << 20);
                work.turnTo("unpacking x");
                work.expect(5 << 20);
                try (Progress.Task task = work.begin("layer", 5 << 20)) {
                    task.advance(2 << 20);
                }
                untilSaid();
                return "";
            });
        }

        assertThat(said).containsExactly("still unpacking x on node n7 after 1 s: 2 of 5 MiB so far");
    }

    @Test
    void where_nobody_counts_no_size_is_told() {
        after(Duration.ZERO).watch("unpacking /x.sqsh", () -> {
            untilSaid();
            return "";
        });

        assertThat(said).containsExactly("still unpacking /x.sqsh on node n7 after 0 s");
    }

    @Test
    void what_is_done_in_time_is_not_worth_a_word() throws InterruptedException {
        assertThat(after(Duration.ofMillis(50)).watch("unpacking x", () -> "done"))
                .isEqualTo("done");
        Thread.sleep(150);

        assertThat(said).isEmpty();
    }
}
