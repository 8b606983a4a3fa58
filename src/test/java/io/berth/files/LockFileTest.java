package io.berth.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fake.SecondJvm;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LockFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("lock");
    }

    /// What the second JVM does: `try` says whether it got the lock; `hold` gets it, says so, and stays.
    static final class Other {
        private Other() {}

        public static void main(String[] args) throws InterruptedException {
            Optional<LockFile> lock = LockFile.tryAcquire(Path.of(args[1]));
            System.out.println(lock.isPresent() ? "got" : "busy");
            if (args[0].equals("hold")) {
                Thread.sleep(Duration.ofMinutes(5));
            }
        }
    }

    private static String other(String verb, Path file) throws IOException, InterruptedException {
        try (SecondJvm jvm = SecondJvm.start(Other.class, verb, file.toString())) {
            String line = jvm.line();
            assertThat(jvm.status()).isZero();
            return line;
        }
    }

    @Test
    void a_lock_that_is_held_is_not_given_to_another_thread_nor_process() throws Exception {
        try (LockFile held = LockFile.acquire(file, Duration.ZERO, "it")) {
            assertThat(held).isNotNull();
            assertThat(LockFile.tryAcquire(file)).isEmpty();
            assertThat(other("try", file)).isEqualTo("busy");
        }
        assertThat(other("try", file)).isEqualTo("got");
    }

    /// Closing any channel on a file drops the process's record locks on it, so a thread that asks in vain must not
    /// open one.
    @Test
    void a_thread_that_asks_in_vain_does_not_open_the_lock_to_other_processes() throws Exception {
        try (LockFile held = LockFile.acquire(file, Duration.ZERO, "it")) {
            assertThat(held).isNotNull();
            for (int i = 0; i < 3; i++) {
                assertThat(LockFile.tryAcquire(folder.resolve("./lock"))).isEmpty();
            }
            assertThat(other("try", file)).isEqualTo("busy");
        }
    }

    @Test
    void who_had_opened_a_lock_before_it_was_retired_does_not_get_it() throws Exception {
        LockFile first = LockFile.acquire(file, Duration.ZERO, "it");
        Path kept = folder.resolve("same");
        Files.createLink(kept, file);
        first.retire();

        assertThat(file).doesNotExist();
        assertThat(LockFile.tryAcquire(kept))
                .as("the file that is no lock any more")
                .isEmpty();
        try (LockFile next = LockFile.acquire(file, Duration.ZERO, "it")) {
            assertThat(next).isNotNull();
        }
    }

    @Test
    void a_lock_dies_with_its_process() throws Exception {
        try (SecondJvm jvm = SecondJvm.start(Other.class, "hold", file.toString())) {
            assertThat(jvm.line()).isEqualTo("got");
            assertThat(LockFile.tryAcquire(file)).isEmpty();
            jvm.kill();

            try (LockFile lock = LockFile.acquire(file, Duration.ofSeconds(20), "it")) {
                assertThat(lock).isNotNull();
            }
        }
    }

    @Test
    void who_waits_too_long_is_told_what_for() {
        try (LockFile held = LockFile.acquire(file, Duration.ZERO, "it")) {
            assertThat(held).isNotNull();
            assertThat(Faults.expect(Fault.BUSY, () -> LockFile.acquire(file, Duration.ofMillis(30), "the blob")))
                    .hasMessageContaining("the blob")
                    .hasMessageContaining(file.toString());
        }
    }

    @Test
    void an_interrupted_wait_ends_and_stays_interrupted() throws InterruptedException {
        try (LockFile held = LockFile.acquire(file, Duration.ZERO, "it")) {
            assertThat(held).isNotNull();
            boolean[] stayed = {false};
            Thread waiting = Thread.ofPlatform().start(() -> {
                Faults.expect(Fault.INTERRUPTED, () -> LockFile.acquire(file, Duration.ofMinutes(5), "it"));
                stayed[0] = Thread.currentThread().isInterrupted();
            });
            waiting.interrupt();
            waiting.join();

            assertThat(stayed[0]).isTrue();
        }
    }

    @Test
    void one_thread_at_a_time_is_inside() throws InterruptedException {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger rounds = new AtomicInteger();
        Thread[] threads = new Thread[6];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int round = 0; round < 5; round++) {
                    try (LockFile lock = LockFile.acquire(file, Duration.ofSeconds(60), "it")) {
                        assertThat(lock).isNotNull();
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        LockSupport.parkNanos(200_000);
                        inside.decrementAndGet();
                        rounds.incrementAndGet();
                    }
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most).hasValue(1);
        assertThat(rounds).hasValue(30);
    }

    @Test
    void a_lock_in_no_folder_is_a_fault_and_leaves_the_name_free() throws IOException {
        Path lost = folder.resolve("later/lock");
        Faults.expect(Fault.NOT_FOUND, () -> LockFile.tryAcquire(lost));

        Folders.make(folder.resolve("later"));
        assertThat(LockFile.tryAcquire(lost)).hasValueSatisfying(LockFile::close);
    }
}
