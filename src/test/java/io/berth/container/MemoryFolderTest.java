package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import io.berth.process.Mount;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MemoryFolderTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            /run                         | /run | mode=1777
            /a//b/:size=64m              | /a/b | size=64m,mode=1777
            /a b:mode=700,size=10%       | /a b | mode=700,size=10%
            """)
    void a_folder_in_memory_is_taken_apart(String text, String target, String options) {
        assertThat(MemoryFolder.parse(text)).isEqualTo(new Mount.Tmpfs(target, options));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "run", "/", "/.", "/a/../b", "/a:", "/a:size", "/a:size=1m,", "/a:exec", "/a:mode=9"})
    void what_is_none_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> MemoryFolder.parse(text));
    }
}
