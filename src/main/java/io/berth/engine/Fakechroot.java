package io.berth.engine;

import io.berth.image.Platform;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The libraries that make the F modes.
///
/// @param library libfakechroot
/// @param companion ours, which has to be loaded before it
/// @param patchelf for F3 and F4
public record Fakechroot(Path library, Path companion, Path patchelf) {
    /// @param folder where `deploy/engines/build` left its files, which may not be there
    public static Optional<Fakechroot> own(Path folder) {
        String machine = Platform.machine();
        Fakechroot own = new Fakechroot(
                folder.resolve("libfakechroot-" + machine + ".so"),
                folder.resolve("libberth-fake-" + machine + ".so"),
                folder.resolve("patchelf-" + machine));
        return own.files().stream().allMatch(Files::isReadable) ? Optional.of(own) : Optional.empty();
    }

    public List<Path> files() {
        return List.of(library, companion, patchelf);
    }
}
