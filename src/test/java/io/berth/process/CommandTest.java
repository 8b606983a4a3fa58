package io.berth.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.berth.fake.Faults;
import io.berth.fault.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CommandTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void both_streams_are_captured_in_their_order_and_the_status_is_the_commands() {
        Command.Result result = sh("echo one; echo two >&2; echo three; exit 7", LONG);

        assertThat(result.output()).isEqualTo("one\ntwo\nthree\n");
        assertThat(result.status()).isEqualTo(7);
    }

    @Test
    void a_command_that_a_signal_killed_has_128_and_the_signal() {
        assertThat(sh("kill -TERM $$", LONG).status()).isEqualTo(143);
    }

    @Test
    void standard_input_is_empty() {
        assertThat(sh("cat; echo end", LONG).output()).isEqualTo("end\n");
    }

    @Test
    void words_arrive_as_they_are() {
        assertThat(Command.run(List.of("printf", "<%s>", "a b", "$x", "", "*"), LONG)
                        .output())
                .isEqualTo("<a b><$x><><*>");
    }

    /// More than a pipe holds on both streams, so that a reader that stops would hold the child for ever.
    @Test
    void only_the_first_64_KiB_are_kept_and_the_rest_holds_nobody() {
        Command.Result result = sh("head -c 300000 /dev/zero | tr '\\0' x; head -c 300000 /dev/zero >&2; exit 3", LONG);

        assertThat(result.output()).hasSize(64 * 1024).matches("x+");
        assertThat(result.status()).isEqualTo(3);
    }

    @Test
    void who_takes_too_long_is_killed() throws Exception {
        Path pid = folder.resolve("pid");

        assertThat(Faults.expect(Fault.BUSY, () -> sh("echo $$ >" + pid + "; exec sleep 300", Duration.ofMillis(1500))))
                .hasMessageContaining("sh");

        ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                .ifPresent(process -> process.onExit()
                        .orTimeout(20, java.util.concurrent.TimeUnit.SECONDS)
                        .join());
    }

    @Test
    void what_cannot_be_started_is_told() {
        assertThat(Faults.expect(Fault.HOST_UNFIT, () -> Command.run(List.of("/no/such/program"), LONG)))
                .hasMessageContaining("/no/such/program");
        Faults.expect(Fault.HOST_UNFIT, () -> Command.runHere(List.of("/no/such/program"), Map.of()));
    }

    @Test
    void an_interrupted_wait_kills_the_command_and_stays_interrupted() {
        Thread.currentThread().interrupt();

        Faults.expect(Fault.INTERRUPTED, () -> sh("exec sleep 300", LONG));

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_command_run_here_has_the_variables_and_hands_back_its_status() {
        assertThat(Command.runHere(List.of("/bin/sh", "-c", "exit $STATUS"), Map.of("STATUS", "9")))
                .isEqualTo(9);
        assertThat(Command.runHere(List.of("/bin/sh", "-c", "kill -9 $$"), Map.of()))
                .isEqualTo(137);
    }

    @Test
    void a_program_is_found_as_a_shell_finds_it() throws IOException {
        Path first = Files.createDirectories(folder.resolve("first"));
        Path second = Files.createDirectories(folder.resolve("second"));
        Files.writeString(first.resolve("tool"), "not executable");
        Files.createDirectory(first.resolve("folder"));
        Path tool = Files.writeString(second.resolve("tool"), "");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwx------"));

        String path = folder.resolve("none") + ":" + first + ":" + second;

        assertThat(Command.find("tool", path)).contains(tool);
        assertThat(Command.find("folder", path)).isEmpty();
        assertThat(Command.find("other", path)).isEmpty();
        assertThat(Command.find("tool", null)).isEmpty();
        assertThat(Command.find("tool", "")).isEmpty();
    }

    private static Command.Result sh(String script, Duration limit) {
        return Command.run(List.of("/bin/sh", "-c", script), limit);
    }
}
