package io.berth.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LinkerCacheTest {
    private static final Map<String, String> TWO = two();
    private static final List<LinkerCache.Entry> ENTRIES = List.of(
            new LinkerCache.Entry("libcuda.so.1", "/usr/lib64/libcuda.so.1"),
            new LinkerCache.Entry("libz.so.1", "/lib64/libz.so.1"));

    private static Map<String, String> two() {
        Map<String, String> two = new LinkedHashMap<>();
        two.put("/usr/lib64/libcuda.so.1", "libcuda.so.1");
        two.put("/lib64/libz.so.1", "libz.so.1");
        return two;
    }

    @Test
    void the_newer_format_the_older_one_and_both_in_one_file_are_read() {
        assertThat(LinkerCache.parse(DriverTree.cacheOf(TWO)).entries()).isEqualTo(ENTRIES);
        assertThat(LinkerCache.parse(DriverTree.oldCacheOf(TWO, Map.of())).entries())
                .isEqualTo(ENTRIES);
        assertThat(LinkerCache.parse(DriverTree.oldCacheOf(Map.of(), TWO)).entries())
                .isEqualTo(ENTRIES);
    }

    /// What glibc's own program wrote on this machine.
    @Test
    void the_cache_of_this_machine_knows_its_libc() {
        assertThat(LinkerCache.read(Path.of("/etc/ld.so.cache")).entries())
                .anySatisfy(entry -> assertThat(entry.name()).isEqualTo("libc.so.6"));
    }

    @Test
    void a_damaged_cache_is_one_with_fewer_entries_or_none() {
        for (byte[] whole : List.of(
                DriverTree.cacheOf(TWO), DriverTree.oldCacheOf(Map.of(), TWO), DriverTree.oldCacheOf(TWO, Map.of()))) {
            for (int length = 0; length < whole.length; length++) {
                assertThat(ENTRIES)
                        .containsAll(
                                LinkerCache.parse(Arrays.copyOf(whole, length)).entries());
            }
            Random random = new Random(7);
            for (int round = 0; round < 2000; round++) {
                byte[] bent = whole.clone();
                for (int i = 0; i < 4; i++) {
                    bent[random.nextInt(bent.length)] = (byte) random.nextInt();
                }
                assertThat(LinkerCache.parse(bent).entries().size()).isLessThan(100);
            }
        }
    }

    @Test
    void no_cache_is_one_without_entries() {
        assertThat(LinkerCache.read(Path.of("/no/such/file")).entries()).isEmpty();
    }
}
