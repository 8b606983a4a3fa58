package io.berth.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.files.Evidence;
import io.berth.process.CachedPlan;
import io.berth.process.DescriptorPolicy;
import io.berth.process.EnvironmentPolicy;
import io.berth.process.LaunchPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlanCacheTest {
    private static final String KEY = "a".repeat(64);

    @TempDir
    Path folder;

    private static CachedPlan plan(String program) {
        LaunchPlan plan = new LaunchPlan(
                "R1",
                new LaunchPlan.Owner(1000, "boot", "node"),
                List.of(),
                new EnvironmentPolicy(List.of(), List.of(), new LinkedHashMap<>(), new LinkedHashMap<>()),
                new DescriptorPolicy.All(),
                List.of(),
                List.of(program),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                new LaunchPlan.Engine(List.of("/proot"), new LinkedHashMap<>(), Optional.empty()));
        return new CachedPlan(List.of(List.of("none", "/a b")), "notice\n", "", Optional.empty(), plan);
    }

    private PlanCache cache(String key) {
        return new PlanCache(Optional.of(folder.resolve(key)), Evidence.begin());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void a_kept_plan_is_its_owners_alone_and_says_what_must_hold() throws IOException {
        cache(KEY).keep(plan("/bin/a"));
        Path file = folder.resolve(KEY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(Files.readString(file))
                .matches("(?s)berth-cached-plan 1 [0-9a-f]{64}\nkey " + KEY
                        + "\nnone /a%20b\nnotice notice%0A\nplan\nberth-plan 1\n.*command /bin/a\nend\n");
        cache(KEY).keep(plan("/bin/b"));
        assertThat(Files.readString(file)).contains("/bin/b");
        assertThat(names()).containsExactly(KEY);
    }

    @Test
    void what_is_in_doubt_is_not_kept_and_nobody_waits_for_it() throws IOException {
        PlanCache cache = cache(KEY);
        cache.evidence().doubt();
        cache.keep(plan("/bin/a"));
        assertThat(names()).containsExactly(KEY + ".lock");
        assertThat(Files.readString(folder.resolve(KEY + ".lock"))).isEqualTo("no\n");
    }

    @Test
    void a_front_that_wants_none_gets_none() throws IOException {
        PlanCache cache = new PlanCache(Optional.empty(), Evidence.begin());
        cache.keep(plan("/bin/a"));
        cache.refuse();
        assertThat(names()).isEmpty();
    }

    @Test
    void the_oldest_go_when_there_are_too_many_or_too_large_ones() throws IOException {
        Instant now = Instant.now();
        for (int i = 0; i < 512; i++) {
            Path file = Files.writeString(folder.resolve(String.format("%064d", i)), "x");
            Files.setLastModifiedTime(file, FileTime.from(now.minusSeconds(i + 10)));
        }
        cache(KEY).keep(plan("/bin/a"));
        assertThat(names()).hasSizeBetween(300, 400).contains(KEY, String.format("%064d", 0));
        Files.write(folder.resolve("large"), new byte[9 << 20]);
        Files.setLastModifiedTime(folder.resolve("large"), FileTime.from(now.minusSeconds(100_000)));
        cache(KEY).keep(plan("/bin/a"));
        assertThat(names()).contains(KEY).doesNotContain("large").hasSizeGreaterThan(300);
    }

    @Test
    void a_cache_that_cannot_be_written_is_none() {
        cache("gone/" + KEY).keep(plan("/bin/a"));
        cache("gone/" + KEY).refuse();
        assertThat(folder.resolve("gone")).doesNotExist();
    }
}
