package io.berth.container;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Ports, processors and files of variables, as they stand on a command line.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RunWordsTest {
    @ParameterizedTest
    @CsvSource({
        "8080:80,            8080, 80",
        "80,                 80,   80",
        "8080:80/tcp,        8080, 80",
        "127.0.0.1:8080:80,  8080, 80",
        "[::1]:8080:80/udp,  8080, 80",
    })
    void a_port_is_read_as_docker_reads_it(String text, int host, int inside) {
        assertThat(Port.parse(text)).isEqualTo(new Port(host, inside));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "80:", ":80", "a:b", "0:80", "80:65536", "80:8 0", "80/sctp", "-1:80"})
    void what_is_no_port_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> Port.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "0-3", "0,2,4", "0-3,8,10-11", "8191"})
    void a_list_of_processors_is_taken_as_it_is(String text) {
        assertThat(CpuList.parse(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "1,", "a", "3-1", "1-", "-1", "1-2-3", "8192", "0 1", "0x1"})
    void what_is_no_list_of_processors_is_refused(String text) {
        Faults.expect(Fault.BAD_INPUT, () -> CpuList.parse(text));
    }

    @Test
    void a_file_of_variables_has_comments_and_empty_lines(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("env"), "# one\n\nA=b=c # not a comment\n  B\nEMPTY=\n#c=4\n");

        assertThat(EnvFile.read(file)).containsExactly("A=b=c # not a comment", "B", "EMPTY=");

        Files.writeString(file, "A=1\n=2\n");
        assertThat(Faults.expect(Fault.BAD_INPUT, () -> EnvFile.read(file))).hasMessageContaining("'=2'");
        Faults.expect(Fault.NOT_FOUND, () -> EnvFile.read(folder.resolve("none")));
        Faults.expect(Fault.NOT_FOUND, () -> EnvFile.read(folder));
    }
}
