package io.berth.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Digests, platforms, descriptors, and which image of an index is taken.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VocabularyTest {
    private static final String EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    @Test
    void a_digest_is_that_of_the_bytes() {
        assertThat(Digest.sha256Of(new byte[0])).hasToString("sha256:" + EMPTY_SHA256);
        assertThat(Digest.parse("sha256:" + EMPTY_SHA256)).isEqualTo(Digest.sha256Of(new byte[0]));
        assertThat(Digest.sha256Of(new byte[0]).shortened()).isEqualTo("e3b0c44298fc");
    }

    @Test
    void a_hasher_fits_the_algorithm() {
        byte[] bytes = "berth".getBytes(StandardCharsets.UTF_8);
        Digest wanted = Digest.parse("sha512:" + "0".repeat(128));

        Digest got = Digest.of("sha512", wanted.hasher().digest(bytes));

        assertThat(got.hex()).hasSize(128).isNotEqualTo(wanted.hex());
        assertThat(Digest.parse(got.toString())).isEqualTo(got);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "sha256", "sha256:", "sha256:E3", "sha1:da39", "sha256:" + "G", ":x", "sha256:../.."})
    void what_is_no_digest_is_refused(String text) {
        assertThat(Digest.isDigest(text)).isFalse();
        Faults.expect(Fault.BAD_INPUT, () -> Digest.parse(text));
    }

    @Test
    void a_digest_has_the_full_length_and_lower_case() {
        Faults.expect(Fault.BAD_INPUT, () -> Digest.parse("sha256:" + EMPTY_SHA256.substring(1)));
        Faults.expect(Fault.BAD_INPUT, () -> Digest.parse("sha256:" + EMPTY_SHA256.toUpperCase(java.util.Locale.ROOT)));
        Faults.expect(Fault.BAD_INPUT, () -> Digest.parse("sha512:" + EMPTY_SHA256));
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux/amd64", "linux/arm64/v8", "linux/arm/v7"})
    void a_platform_reads_what_it_writes(String text) {
        assertThat(Platform.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "linux", "/amd64", "linux/", "linux/arm/v7/x", "//"})
    void what_is_no_platform_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> Platform.parse(text));
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64,    linux/amd64,    true",
        "linux/amd64,    linux/arm64,    false",
        "linux/amd64,    windows/amd64,  false",
        "linux/arm64,    linux/arm64/v8, true",
        "linux/arm/v7,   linux/arm/v6,   false",
        "LINUX/AMD64,    linux/amd64,    true",
    })
    void a_platform_accepts_any_variant_unless_one_is_asked_for(String wanted, String offered, boolean accepted) {
        assertThat(Platform.parse(wanted).accepts(Platform.parse(offered))).isEqualTo(accepted);
    }

    @Test
    void an_index_gives_the_first_image_that_fits() {
        ImageIndex index = index("windows/amd64", "linux/arm/v6", "linux/arm/v7", "linux/amd64", "linux/amd64");

        assertThat(index.choose(Platform.parse("linux/arm/v7"))).contains(descriptor(2));
        assertThat(index.choose(Platform.parse("linux/arm"))).contains(descriptor(1));
        assertThat(index.choose(Platform.parse("linux/amd64"))).contains(descriptor(3));
        assertThat(index.choose(Platform.parse("linux/riscv64"))).isEmpty();
    }

    @Test
    void an_exact_variant_is_preferred_to_none_and_none_to_nothing() {
        Platform wanted = Platform.parse("linux/arm64/v8");

        assertThat(index("linux/arm64", "linux/arm64/v8").choose(wanted)).contains(descriptor(1));
        assertThat(index("linux/amd64", "linux/arm64").choose(wanted)).contains(descriptor(1));
        assertThat(index("linux/arm64/v9").choose(wanted)).isEmpty();
    }

    @Test
    void an_entry_without_a_platform_is_never_chosen() {
        ImageIndex index = new ImageIndex(List.of(new ImageIndex.Entry(descriptor(0), Optional.empty())));

        assertThat(index.choose(Platform.host())).isEmpty();
    }

    @Test
    void a_blob_has_no_negative_size() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Descriptor("", Digest.sha256Of(new byte[0]), -1));
    }

    private static ImageIndex index(String... platforms) {
        List<ImageIndex.Entry> entries = new java.util.ArrayList<>();
        for (String platform : platforms) {
            entries.add(new ImageIndex.Entry(descriptor(entries.size()), Optional.of(Platform.parse(platform))));
        }
        return new ImageIndex(entries);
    }

    private static Descriptor descriptor(int number) {
        return new Descriptor(MediaTypes.OCI_MANIFEST, Digest.sha256Of(new byte[] {(byte) number}), number);
    }
}
