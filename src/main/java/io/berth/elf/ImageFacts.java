package io.berth.elf;

import io.berth.container.InsideView;
import io.berth.image.Platform;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What matters of a tree and its first program when the execution mode is chosen.
///
/// All of it is looked up as the container will: links lead inside the tree and never to the host's files.
///
/// @param loader path inside of the loader that its programs name
/// @param machine that its programs are for; empty when there is none
public record ImageFacts(Libc libc, EntryProgram entry, Optional<String> loader, String machine) {
    /// The oldest glibc for which the preload library is made.
    private static final int OLDEST_MAJOR = 2;
    private static final int OLDEST_MINOR = 14;

    /// @param mounts that lie over the tree
    /// @param program first word of the command; empty when whoever starts it names it
    public static ImageFacts read(Path root, List<Mount> mounts, String program, String searchPath) {
        return read(new InsideView(root, mounts), program, searchPath);
    }

    /// @param view of the tree and what lies over it
    /// @param program as before
    public static ImageFacts read(InsideView view, String program, String searchPath) {
        EntryProgram entry = program.isEmpty() ? EntryProgram.open() : EntryProgram.of(view, program, searchPath);
        String machine = entry.machine().isEmpty() ? Platform.machine() : entry.machine();
        Optional<String> loader = entry.loader()
                .filter(path -> path.startsWith("/"))
                .filter(path -> view.find(path).isPresent())
                .or(() -> Libc.loaderOf(view, machine));
        return new ImageFacts(
                loader.map(path -> Libc.of(view, path, machine)).orElseGet(Libc::none),
                entry,
                loader,
                loader.isPresent() || !entry.machine().isEmpty() ? machine : "");
    }

    /// Whether a tree for the F modes can be made of it: a library can be put in front of its programs.
    public boolean preparable() {
        return unpreparable().isEmpty();
    }

    /// Why not, as the end of "MODE cannot ...".
    public Optional<String> unpreparable() {
        if (libc.kind() != Libc.Kind.GLIBC || loader.isEmpty()) {
            return Optional.of("put a library in front of an image with " + libc.shown());
        }
        if (!libc.isAtLeast(OLDEST_MAJOR, OLDEST_MINOR)) {
            return Optional.of("put a library in front of " + libc.shown() + ": it is made for " + OLDEST_MAJOR + "."
                    + OLDEST_MINOR + " and later");
        }
        return machine.equals(Platform.machine())
                ? Optional.empty()
                : Optional.of("start programs for " + machine + " on " + Platform.machine());
    }
}
