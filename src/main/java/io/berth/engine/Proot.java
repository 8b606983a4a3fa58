package io.berth.engine;

import io.berth.image.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// A PRoot on this host.
///
/// @param loader the file that only our own build has beside it; with it PRoot becomes the program's parent itself,
///     else our init has to be in between
public record Proot(Path program, Optional<Path> loader) {
    /// The word before the command that tells our own build to keep the contract of `engine`.
    public static final String START = "/.berth-start";

    /// @param folder where `deploy/engines/build` left its files, which may not be there
    public static Optional<Proot> own(Path folder) {
        return own(folder, Platform.machine());
    }

    /// @param machine as the names of its files end; udocker's repository has other words than the kernel
    public static Optional<Proot> own(Path folder, String machine) {
        Path program = folder.resolve("proot-" + machine);
        Path loader = folder.resolve("proot-loader-" + machine);
        return Files.isExecutable(program) && Files.isExecutable(loader)
                ? Optional.of(new Proot(program, Optional.of(loader)))
                : Optional.empty();
    }

    /// A file that is made for this kind of machine.
    public static Path forMachine(Path folder, String name) {
        return folder.resolve(name + "-" + Platform.machine());
    }

    /// Somebody else's build.
    public static Proot system(Path program) {
        return new Proot(program, Optional.empty());
    }
}
