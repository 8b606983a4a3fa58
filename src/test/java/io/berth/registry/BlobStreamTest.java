package io.berth.registry;

import static io.berth.registry.ClientFixture.reference;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.berth.fake.FakeRegistry;
import io.berth.fake.FakeRegistryRequest;
import io.berth.fake.FakeRegistryTrouble;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class BlobStreamTest {
    private static final byte[] BYTES = randomBytes(300_000);

    private final FakeRegistry registry = FakeRegistry.start();
    private final ClientFixture fixture = ClientFixture.plain();
    private final Descriptor blob = blob(BYTES.length);

    BlobStreamTest() {
        registry.pushBlob("lab/solver", BYTES);
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    @Test
    void a_blob_is_streamed_from_any_byte() throws Exception {
        assertThat(read(0)).isEqualTo(BYTES);
        assertThat(read(100)).isEqualTo(Arrays.copyOfRange(BYTES, 100, BYTES.length));
        assertThat(read(BYTES.length - 1)).hasSize(1);
        assertThat(ranges()).containsExactly(Optional.empty(), Optional.of("bytes=100-"), Optional.of("bytes=299999-"));
    }

    @Test
    void a_blob_that_is_here_already_is_not_asked_for() throws Exception {
        assertThat(read(BYTES.length)).isEmpty();
        assertThat(registry.requests()).isEmpty();
        assertThatThrownBy(() -> read(BYTES.length + 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void an_empty_blob_is_empty() throws Exception {
        registry.pushBlob("lab/solver", new byte[0]);
        Descriptor empty = new Descriptor("x", Digest.sha256Of(new byte[0]), 0);
        try (InputStream stream = fixture.client().open(reference(registry.host() + "/lab/solver"), empty, 0)) {
            assertThat(stream.readAllBytes()).isEmpty();
        }
    }

    @Test
    void a_connection_that_breaks_is_resumed_where_it_broke() throws Exception {
        registry.troubleNext(2, "/blobs/", FakeRegistryTrouble.truncateAfter(100_000));
        assertThat(read(0)).isEqualTo(BYTES);
        assertThat(ranges())
                .containsExactly(Optional.empty(), Optional.of("bytes=100000-"), Optional.of("bytes=200000-"));
        assertThat(fixture.pauses()).hasSize(2);
    }

    @Test
    void a_server_without_ranges_is_read_again_from_the_start() throws Exception {
        registry.troubleNext(1, "/blobs/", FakeRegistryTrouble.truncateAfter(100_000));
        registry.troubleAlways("/blobs/", FakeRegistryTrouble.ignoreRange());
        assertThat(read(0)).isEqualTo(BYTES);
    }

    @Test
    void a_connection_that_keeps_breaking_is_given_up() {
        registry.troubleAlways("/blobs/", FakeRegistryTrouble.truncateAfter(1000));
        FaultException fault = faultOfReading();
        assertThat(fault.fault()).isEqualTo(Fault.UNREACHABLE);
        assertThat(fault)
                .hasMessage("fetching sha256:" + blob.digest().shortened() + " of " + registry.host()
                        + "/lab/solver:latest from " + registry.host() + ": connection lost");
        assertThat(registry.requests()).hasSize(4);
    }

    @Test
    void a_silent_server_is_left_and_asked_again() throws Exception {
        registry.troubleNext(1, "/blobs/", FakeRegistryTrouble.slow(Duration.ofSeconds(2)));
        assertThat(read(0)).isEqualTo(BYTES);
        assertThat(registry.requests()).hasSize(2);
    }

    @Test
    void more_bytes_than_the_manifest_says_are_corrupt() {
        registry.troubleAlways("/blobs/", FakeRegistryTrouble.append(1));
        assertThat(faultOfReading())
                .hasMessageContaining("got more than 300000 bytes, wanted 300000 bytes")
                .extracting(FaultException::fault)
                .isEqualTo(Fault.CORRUPT);
    }

    @Test
    void an_endless_blob_is_corrupt() {
        registry.troubleAlways("/blobs/", FakeRegistryTrouble.endless());
        assertThat(faultOfReading().fault()).isEqualTo(Fault.CORRUPT);
    }

    @Test
    void a_length_that_does_not_fit_is_corrupt_at_once() {
        for (int wrong : List.of(BYTES.length - 1, BYTES.length + 1)) {
            assertThatThrownBy(() -> fixture.client().open(reference(registry.host() + "/lab/solver"), blob(wrong), 0))
                    .hasMessageContaining("got 300000 bytes, wanted " + wrong + " bytes");
        }
    }

    @Test
    void single_bytes_can_be_read_and_the_rest_left() throws Exception {
        try (InputStream stream = open(0)) {
            assertThat(stream.read()).isEqualTo(BYTES[0] & 0xff);
            assertThat(stream.read()).isEqualTo(BYTES[1] & 0xff);
        }
    }

    @Test
    void a_missing_blob_is_not_found() {
        Descriptor missing = new Descriptor("x", Digest.sha256Of(new byte[] {1}), 1);
        assertThatThrownBy(() -> fixture.client().open(reference(registry.host() + "/lab/solver"), missing, 0))
                .hasMessageContaining("not found (404): BLOB_UNKNOWN");
    }

    @Test
    void four_threads_read_at_once_and_share_one_token() throws Exception {
        registry.requireBearer();
        registry.troubleNext(3, "/blobs/", FakeRegistryTrouble.truncateAfter(5000));
        List<Future<byte[]>> results = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(4)) {
            for (int i = 0; i < 16; i++) {
                results.add(threads.submit(() -> read(0)));
            }
        }
        for (Future<byte[]> result : results) {
            assertThat(result.get()).isEqualTo(BYTES);
        }
        assertThat(registry.tokensIssued()).isEqualTo(1);
    }

    private InputStream open(long fromByte) {
        return fixture.client().open(reference(registry.host() + "/lab/solver"), blob, fromByte);
    }

    private byte[] read(long fromByte) throws Exception {
        try (InputStream stream = open(fromByte)) {
            return stream.readAllBytes();
        }
    }

    private FaultException faultOfReading() {
        return catchThrowableOfType(FaultException.class, () -> read(0));
    }

    private List<Optional<String>> ranges() {
        return registry.requests().stream()
                .map((FakeRegistryRequest request) -> request.header("Range"))
                .toList();
    }

    private static Descriptor blob(long size) {
        return new Descriptor("application/octet-stream", Digest.sha256Of(BYTES), size);
    }

    private static byte[] randomBytes(int count) {
        byte[] bytes = new byte[count];
        new Random(1).nextBytes(bytes);
        return bytes;
    }
}
