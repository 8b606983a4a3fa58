package io.berth.container;

import io.berth.files.Evidence;
import io.berth.process.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the program will see at a path, told from outside: links are followed inside the tree, as the kernel will, and
/// mounts lie over it.
public final class InsideView {
    private static final int MOST_LINKS = 40;

    private final Path root;
    private final List<Mount> mounts;
    private final Evidence evidence;

    public InsideView(Path root, Collection<Mount> mounts) {
        this(root, mounts, Evidence.unwanted());
    }

    /// @param evidence takes what is looked at
    public InsideView(Path root, Collection<Mount> mounts, Evidence evidence) {
        this.root = root;
        this.mounts = List.copyOf(mounts);
        this.evidence = evidence;
    }

    /// What is in a file that was found makes a difference.
    public void reads(Path file) {
        evidence.content(file);
    }

    boolean hasFolder(String path) {
        Path wanted = Path.of(path).normalize();
        // on the way to a mount, which is made; or behind one whose own place lies behind a link
        boolean leads =
                mounts.stream().anyMatch(mount -> Path.of(mount.target()).startsWith(wanted));
        boolean behind = mounts.stream().anyMatch(mount -> wanted.startsWith(mount.target()))
                && shown(wanted).filter(this::isFolder).isPresent();
        return leads || behind || find(path).filter(this::isFolder).isPresent();
    }

    private boolean isFolder(Path file) {
        evidence.kind(file);
        return Files.isDirectory(file);
    }

    boolean canEnter(String path) {
        return hasFolder(path) && find(path).map(Files::isExecutable).orElse(true);
    }

    /// Whether a program of this name is found in a PATH, or at its path.
    boolean hasProgram(String name, String searchPath) {
        return programOf(name, searchPath).isPresent();
    }

    /// The absolute path inside of the program that a word names: a path, or a name that is looked for in a PATH.
    public Optional<String> programOf(String word, String searchPath) {
        if (word.indexOf('/') >= 0) {
            return Optional.of(word).filter(this::isProgram);
        }
        return Stream.of(searchPath.split(":"))
                .filter(folder -> folder.startsWith("/"))
                .map(folder -> folder + "/" + word)
                .filter(this::isProgram)
                .findFirst();
    }

    private boolean isProgram(String path) {
        return path.startsWith("/")
                && find(path)
                        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                        .isPresent();
    }

    /// The file of the host that is shown at an absolute path inside; its last part is no link any more.
    public Optional<Path> find(String path) {
        Optional<Path> found = settled(path).flatMap(this::shown);
        found.ifPresent(evidence::kind);
        return found.filter(Files::exists);
    }

    /// The file that lies in the same folder as the one that a path leads to.
    public Optional<Path> findBeside(String path, String name) {
        return settled(path)
                .map(inside -> inside.resolveSibling(name).toString())
                .flatMap(this::find);
    }

    /// The path inside without links; absent when nothing can be there.
    private Optional<Path> settled(String path) {
        if (path.indexOf('\0') >= 0) {
            return Optional.empty(); // images say what they like
        }
        Deque<Path> rest = parts(Path.of(path), new ArrayDeque<>());
        Path inside = Path.of("/");
        int links = 0;
        while (!rest.isEmpty()) {
            Path next = step(inside, rest.removeFirst());
            Optional<Path> file = shown(next);
            if (file.isEmpty()) {
                return Optional.empty();
            }
            evidence.entry(file.get());
            if (!isTarget(next) && Files.isSymbolicLink(file.get())) {
                if (++links > MOST_LINKS) {
                    return Optional.empty();
                }
                Path leads = linkOf(file.get());
                inside = leads.isAbsolute() ? Path.of("/") : inside;
                rest = parts(leads, rest);
            } else {
                inside = next;
            }
        }
        return Optional.of(inside);
    }

    /// The root is its own parent.
    private static Path step(Path inside, Path part) {
        Path parent = inside.getParent();
        return switch (part.toString()) {
            case "", "." -> inside;
            case ".." -> parent == null ? inside : parent;
            default -> inside.resolve(part);
        };
    }

    private static Deque<Path> parts(Path path, Deque<Path> behind) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            behind.addFirst(path.getName(i));
        }
        return behind;
    }

    private boolean isTarget(Path inside) {
        return mounts.stream().anyMatch(mount -> inside.equals(Path.of(mount.target())));
    }

    /// By the mount that was made last of those that cover the path; empty when only the kernel knows.
    private Optional<Path> shown(Path inside) {
        for (Mount mount : mounts.reversed()) {
            Path target = Path.of(mount.target());
            if (!inside.startsWith(target)) {
                continue;
            }
            if (!(mount instanceof Mount.Bind bind)) {
                return Optional.empty();
            }
            if (bind.optional()) {
                evidence.kind(bind.source());
            }
            if (!bind.optional() || Files.exists(bind.source())) {
                Path below = target.relativize(inside);
                return Optional.of(
                        below.toString().isEmpty()
                                ? bind.source()
                                : bind.source().resolve(below));
            }
        }
        return Optional.of(root.resolve(Path.of("/").relativize(inside)));
    }

    private static Path linkOf(Path link) {
        try {
            return Files.readSymbolicLink(link);
        } catch (IOException e) {
            return Path.of("/"); // it has gone just now: whoever looks at the result will find a folder, and try
        }
    }
}
