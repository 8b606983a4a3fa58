package io.berth.ready;

import io.berth.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The program that writes loaders and library folders into ELF files.
///
/// Source: patchelf(1).
public record Patchelf(Path program) {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /// @param loader that the program shall name; absent for a library
    /// @param rpath colon separated
    /// @return what went wrong
    Optional<String> patch(Path file, Path result, Optional<String> loader, String rpath) {
        List<String> words = new ArrayList<>(List.of(program.toString()));
        loader.ifPresent(path -> words.addAll(List.of("--set-interpreter", path)));
        words.addAll(List.of("--force-rpath", "--set-rpath", rpath, "--output", result.toString(), file.toString()));
        Command.Result made = Command.run(words, LIMIT);
        return made.status() == 0
                ? Optional.empty()
                : Optional.of(made.output().lines().findFirst().orElse("status " + made.status()));
    }
}
