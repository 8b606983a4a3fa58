package io.berth.process;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Runs a command of the host as a child and waits for it.
///
/// Shape: standard input is empty; standard output and standard error are captured together, at most 64 KiB of it.
public final class Command {
    private static final int LONGEST_OUTPUT = 64 * 1024;
    private static final Pattern ANSWER = Pattern.compile("\\(([^()]+)\\)\\s*$");

    private Command() {}

    /// @param status the exit status as a shell would show it; 128+n when killed by signal n
    public record Result(int status, String output, Duration took) {}

    /// Errors: HOST_UNFIT when it cannot be started; BUSY when it takes longer than `limit` (it is then killed).
    public static Result run(List<String> words, Duration limit) {
        long began = System.nanoTime();
        Process process = start(words);
        try {
            // a reader of its own: a full pipe must not hold the child, nor a silent child hold us past the limit
            String[] output = {""};
            Thread reader = Thread.ofVirtual().start(() -> output[0] = read(process.getInputStream()));
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw FaultException.of(
                        Fault.BUSY,
                        "running " + words.getFirst() + ": no end after " + limit.toMillis() + " ms",
                        "try again on a less busy machine");
            }
            reader.join(Duration.ofSeconds(2));
            return new Result(process.exitValue(), output[0], Duration.ofNanos(System.nanoTime() - began));
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw FaultException.of(
                    Fault.INTERRUPTED, "running " + words.getFirst() + ": interrupted", "run the command again", e);
        }
    }

    /// Runs a command that shares our three standard streams, and waits for its end.
    ///
    /// @param environment added to our own
    /// @return its exit status; 128+n when killed by signal n
    public static int runHere(List<String> words, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(words).inheritIO();
        builder.environment().putAll(environment);
        try {
            return builder.start().waitFor();
        } catch (IOException e) {
            throw cannotStart(words, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw FaultException.of(
                    Fault.INTERRUPTED, "running " + words.getFirst() + ": interrupted", "run the command again", e);
        }
    }

    /// The program's place, searched in a PATH as the shell does.
    ///
    /// @param searchPath colon separated; null finds nothing
    public static Optional<Path> find(String program, @Nullable String searchPath) {
        if (searchPath == null) {
            return Optional.empty();
        }
        for (Path candidate : places(program, searchPath)) {
            if (candidate.toFile().isFile() && candidate.toFile().canExecute()) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    /// Where a program is searched, in this order.
    public static List<Path> places(String program, @Nullable String searchPath) {
        return searchPath == null
                ? List.of()
                : Stream.of(searchPath.split(":"))
                        .map(folder -> Path.of(folder.isEmpty() ? "." : folder, program)
                                .toAbsolutePath())
                        .toList();
    }

    private static Process start(List<String> words) {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            process.getOutputStream().close();
            return process;
        } catch (IOException e) {
            throw cannotStart(words, e);
        }
    }

    private static FaultException cannotStart(List<String> words, IOException e) {
        return FaultException.of(
                Fault.HOST_UNFIT,
                "starting " + words.getFirst() + ": " + reason(e),
                "check that it is installed and may be executed",
                e);
    }

    /// What the system answered stands in brackets, behind the program's name and a number.
    private static String reason(IOException answer) {
        Matcher matcher = ANSWER.matcher(String.valueOf(answer.getMessage()));
        return matcher.find() ? matcher.group(1).toLowerCase(Locale.ROOT) : String.valueOf(answer.getMessage());
    }

    private static String read(InputStream stream) {
        try (stream) {
            byte[] head = stream.readNBytes(LONGEST_OUTPUT);
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return new String(head, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }
}
