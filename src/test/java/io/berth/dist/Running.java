package io.berth.dist;

import static org.assertj.core.api.Assertions.fail;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A berth that was started.
record Running(List<String> command, Process process, Path out, Path err) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /// Waits until standard output holds the text.
    Running awaitOutput(String text) {
        Host.waitUntil(
                "'" + text + "' in the output of " + command,
                () -> Host.read(out).contains(text) || !process.isAlive());
        if (!Host.read(out).contains(text)) {
            fail("%s ended before it wrote '%s': %s", command, text, await());
        }
        return this;
    }

    /// @param name as `TERM`
    Running signal(String name) {
        Host.run("kill", "-" + name, String.valueOf(process.pid()));
        return this;
    }

    /// Kills it, unless it has ended.
    Running kill() {
        process.destroyForcibly();
        return this;
    }

    /// The JVM that the front has started.
    ProcessHandle java() {
        Host.waitUntil("the front's Java", () -> process.children().findAny().isPresent());
        return process.children().findAny().orElseThrow();
    }

    Result await() {
        try {
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                fail("%s: still runs after %s; it wrote\n%s%s", command, LIMIT, Host.read(out), Host.read(err));
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return new Result(command, process.exitValue(), Host.read(out), Host.read(err));
    }
}
