package io.berth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import io.berth.progress.Progress;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BlobStoreTest {
    private static final byte[] BYTES = bytes(600_000);
    private static final Descriptor BLOB = new Descriptor("", Digest.sha256Of(BYTES), BYTES.length);

    @TempDir
    Path folder;

    private RepositoryLayout layout;
    private BlobStore blobs;

    @BeforeEach
    void open() {
        layout = RepositoryLayout.under(folder);
        blobs = Repository.open(layout, Duration.ofSeconds(60)).blobs();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(5).nextBytes(bytes);
        return bytes;
    }

    private static InputStream rest(byte[] bytes, long from) {
        return new ByteArrayInputStream(bytes, (int) from, bytes.length - (int) from);
    }

    private static InputStream failing(String message) {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException(message);
            }

            @Override
            public int read(byte[] buffer, int offset, int count) throws IOException {
                throw new IOException(message);
            }
        };
    }

    /// Gives some bytes and then what a broken connection gives.
    private static InputStream breaking(byte[] bytes, int count) {
        return new SequenceInputStream(new ByteArrayInputStream(bytes, 0, count), failing("connection reset"));
    }

    private Path keep(BlobSource source) {
        return blobs.keep(BLOB, source, Progress.none());
    }

    private List<Path> layers() {
        return Folders.list(layout.layers());
    }

    @Test
    void a_kept_blob_has_its_bytes_and_the_name_that_udocker_gives_it() throws IOException {
        assertThat(blobs.holds(BLOB)).isFalse();

        Path file = keep(from -> rest(BYTES, from));

        assertThat(file)
                .isEqualTo(folder.resolve("layers/sha256:" + BLOB.digest().hex()));
        assertThat(Files.readAllBytes(file)).isEqualTo(BYTES);
        assertThat(blobs.holds(BLOB)).isTrue();
        assertThat(blobs.file(BLOB)).isEqualTo(file);
        assertThat(layers()).containsExactly(file);
    }

    @Test
    void what_is_kept_is_not_fetched_again() {
        keep(from -> rest(BYTES, from));

        keep(_ -> {
            throw new AssertionError("fetched again");
        });
    }

    @Test
    void a_broken_transfer_goes_on_where_it_stopped() throws IOException {
        Faults.expect(Fault.UNREACHABLE, () -> keep(_ -> breaking(BYTES, 300_000)));
        assertThat(blobs.holds(BLOB)).isFalse();
        AtomicLong asked = new AtomicLong(-1);

        Path file = keep(from -> {
            asked.set(from);
            return rest(BYTES, from);
        });

        assertThat(asked).hasValue(300_000);
        assertThat(Files.readAllBytes(file)).isEqualTo(BYTES);
        assertThat(layers()).containsExactly(file);
    }

    @Test
    void a_part_that_is_complete_needs_no_source() throws IOException {
        Files.write(layout.partialBlob(BLOB.digest()), BYTES);

        keep(_ -> {
            throw new AssertionError("asked for nothing");
        });

        assertThat(blobs.holds(BLOB)).isTrue();
    }

    @Test
    void a_part_that_is_too_long_is_begun_anew() throws IOException {
        Files.write(layout.partialBlob(BLOB.digest()), bytes(BYTES.length + 1));

        Path file = keep(from -> rest(BYTES, from));

        assertThat(Files.readAllBytes(file)).isEqualTo(BYTES);
    }

    @Test
    void wrong_bytes_are_told_and_removed() {
        byte[] wrong = BYTES.clone();
        wrong[BYTES.length - 1]++;

        assertThat(Faults.expect(Fault.CORRUPT, () -> keep(from -> rest(wrong, from))))
                .hasMessageContainingAll(
                        BLOB.digest().toString(), Digest.sha256Of(wrong).toString());
        assertThat(layers()).isEmpty();
    }

    @Test
    void a_damaged_part_is_found_out_and_all_is_fetched_again() throws IOException {
        byte[] damaged = Arrays.copyOf(BYTES, 1000);
        damaged[7]++;
        Files.write(layout.partialBlob(BLOB.digest()), damaged);

        keep(from -> rest(BYTES, from));

        assertThat(layout.blob(BLOB.digest())).hasBinaryContent(BYTES);
    }

    @Test
    void too_few_or_too_many_bytes_are_told_and_removed() {
        assertThat(Faults.expect(Fault.CORRUPT, () -> keep(_ -> new ByteArrayInputStream(BYTES, 0, 10))))
                .hasMessageContaining("10 bytes came instead of 600000");
        assertThat(layers()).isEmpty();

        byte[] more = Arrays.copyOf(BYTES, BYTES.length + 3);
        assertThat(Faults.expect(Fault.CORRUPT, () -> keep(from -> rest(more, from))))
                .hasMessageContaining("600003 bytes came");
        assertThat(layers()).isEmpty();
    }

    @Test
    void a_full_disk_does_not_stay_full_because_of_us() {
        Faults.expect(
                Fault.NO_SPACE,
                () -> keep(_ -> new SequenceInputStream(
                        new ByteArrayInputStream(BYTES, 0, 10), failing("No space left on device"))));

        assertThat(layers()).isEmpty();
    }

    @Test
    void a_fault_of_the_source_comes_through() {
        Faults.expect(
                Fault.NOT_FOUND,
                () -> keep(_ -> {
                    throw FaultException.of(Fault.NOT_FOUND, "fetching: none", "look");
                }));
        keep(from -> rest(BYTES, from));
    }

    @Test
    void of_two_at_once_one_fetches_and_both_have_it() throws InterruptedException {
        AtomicInteger fetched = new AtomicInteger();
        List<Path> files = java.util.Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            threads.add(Thread.ofPlatform()
                    .start(() -> files.add(keep(from -> {
                        fetched.incrementAndGet();
                        return rest(BYTES, from);
                    }))));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(fetched).hasValue(1);
        assertThat(files).hasSize(3).containsOnly(layout.blob(BLOB.digest()));
    }

    @Test
    void an_empty_blob_is_kept() {
        Descriptor empty = new Descriptor("", Digest.sha256Of(new byte[0]), 0);

        assertThat(blobs.keep(empty, _ -> InputStream.nullInputStream(), Progress.none()))
                .isEmptyFile();
    }

    @Test
    void every_byte_is_reported_once_also_those_that_were_there() {
        Faults.expect(Fault.UNREACHABLE, () -> keep(_ -> breaking(BYTES, 1000)));
        AtomicLong reported = new AtomicLong();
        AtomicInteger open = new AtomicInteger();
        blobs.keep(BLOB, from -> rest(BYTES, from), (label, total) -> {
            assertThat(label).isEqualTo(BLOB.digest().shortened());
            assertThat(total).isEqualTo(BYTES.length);
            open.incrementAndGet();
            return new Progress.Task() {
                @Override
                public void advance(long bytes) {
                    reported.addAndGet(bytes);
                }

                @Override
                public void close() {
                    open.decrementAndGet();
                }
            };
        });

        assertThat(reported).hasValue(BYTES.length);
        assertThat(open).hasValue(0);
    }
}
