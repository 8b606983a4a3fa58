package io.berth.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ImageReferenceTest {
    private static final String HEX = "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource({
        "debian,                                  ,                           debian,       latest",
        "debian:12,                               ,                           debian,       12",
        "lab/solver:2.1,                          ,                           lab/solver,   2.1",
        "localhost/x,                             localhost,                  x,            latest",
        "localhost:5000/lab/x:T_1-a.b,            localhost:5000,             lab/x,        T_1-a.b",
        "registry.example.org/a/b/c/d,            registry.example.org,       a/b/c/d,      latest",
        "registry.example.org:443/a,              registry.example.org:443,   a,            latest",
        "10.0.0.7:5000/a:1,                       10.0.0.7:5000,              a,            1",
        "[::1]:5000/a:1,                          [::1]:5000,                 a,            1",
        "a__b/c-d/e---f/g.h,                      ,                           a__b/c-d/e---f/g.h, latest",
    })
    void names_are_taken_apart_as_docker_does(String text, String registry, String path, String tag) {
        ImageReference reference = ImageReference.parse(text);

        assertThat(reference.registry().orElse(null)).isEqualTo(registry);
        assertThat(reference.path()).isEqualTo(path);
        assertThat(reference.tagOrDigest()).isEqualTo(tag);
        assertThat(reference.digest()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"debian@sha256:", "localhost:5000/a/b@sha256:", "debian:12@sha256:"})
    void a_digest_counts_more_than_a_tag(String beginning) {
        ImageReference reference = ImageReference.parse(beginning + HEX);

        assertThat(reference.digest()).contains(new Digest("sha256", HEX));
        assertThat(reference.toString()).isEqualTo(reference.name() + "@sha256:" + HEX);
        assertThat(reference.name()).doesNotContain("12");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":tag",
                "/",
                "/debian",
                "debian/",
                "a//b",
                "Debian",
                "lab/Solver",
                "debian:",
                "debian:-x",
                "debian:a b",
                "debian:a/b:",
                "debian@sha256:12",
                "debian@md5:00",
                "debian@",
                "debian@sha256:0@sha256:0",
                "-debian",
                "debian-",
                "a..b",
                "a___b",
                "a._b",
                "../etc",
                "lab/../../etc",
                "./x",
                "-host.org/x",
                "host.org:port/x",
                "host.org:123456/x",
                "host_x.org/y",
                "[::1/x",
                "a b",
                "ä",
            })
    void bad_names_are_refused_and_told(String text) {
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> ImageReference.parse(text)))
                .hasMessageContaining("'")
                .satisfies(fault -> assertThat(fault.hint()).isPresent());
    }

    @Test
    void a_bad_tag_beside_a_digest_is_refused() {
        Faults.expect(Fault.BAD_INPUT, () -> ImageReference.parse("debian:b d@sha256:" + HEX));
        Faults.expect(Fault.BAD_INPUT, () -> ImageReference.parse("debian:@sha256:" + HEX));
    }

    @Test
    void the_longest_name_is_255_and_the_longest_tag_128() {
        assertThat(ImageReference.parse("a".repeat(255) + ":" + "t".repeat(128)).name())
                .hasSize(255);
        Faults.expect(Fault.BAD_INPUT, () -> ImageReference.parse("a".repeat(256)));
        Faults.expect(Fault.BAD_INPUT, () -> ImageReference.parse("a:" + "t".repeat(129)));
    }

    @Test
    void pinning_keeps_the_name() {
        Digest digest = new Digest("sha256", HEX);

        assertThat(ImageReference.parse("localhost:5000/a:1").withDigest(digest))
                .hasToString("localhost:5000/a@" + digest);
    }

    /// Seeded, so a failure repeats.
    @Test
    void text_and_value_are_inverse() {
        Random random = new Random(7);
        String[] hosts = {"", "localhost/", "localhost:5000/", "r.example.org/", "r.example.org:1/", "[fe80::1]:80/"};
        for (int i = 0; i < 2000; i++) {
            StringBuilder name = new StringBuilder(hosts[random.nextInt(hosts.length)]);
            for (int parts = random.nextInt(3); parts >= 0; parts--) {
                // a first part with a dot would be a host
                String word = name.isEmpty() ? word(random).replace(".", "") : word(random);
                name.append(word).append(parts > 0 ? "/" : "");
            }
            String rest = random.nextBoolean() ? "@" + Digest.sha256Of(new byte[] {(byte) i}) : ":" + word(random);
            String text = name + rest;

            assertThat(ImageReference.parse(text)).hasToString(text);
            assertThat(ImageReference.parse(ImageReference.parse(text).toString()))
                    .isEqualTo(ImageReference.parse(text));
        }
    }

    private static String word(Random random) {
        String letters = "abcxyz019";
        String[] joints = {"", "", ".", "_", "__", "-", "--"};
        StringBuilder word = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            word.append(letters.charAt(random.nextInt(letters.length())))
                    .append(i > 0 ? joints[random.nextInt(joints.length)] : "");
        }
        return word.toString();
    }
}
