package io.berth.elf;

import io.berth.container.InsideView;
import io.berth.fault.FaultException;
import io.berth.files.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/// Where the loader of a tree looks for libraries: its configuration, then the folders that are built into it.
///
/// Source: ldconfig(8), ld.so(8).
public final class LibraryFolders {
    private static final String CONFIGURATION = "/etc/ld.so.conf";
    private static final int DEEPEST = 5;
    private static final int LARGEST_FILE = 64 * 1024;
    private static final int MOST_FOLDERS = 200;
    private static final int MOST_INCLUDES = 200;
    /// Each more makes a pattern much slower to match.
    private static final int MOST_STARS = 4;

    private final InsideView view;
    private final SequencedSet<String> folders = new LinkedHashSet<>();
    /// Files that were read and patterns that were looked for: a configuration may name itself.
    private final Set<String> included = new HashSet<>();

    private LibraryFolders(InsideView view) {
        this.view = view;
    }

    /// Paths inside of folders that are there.
    ///
    /// @param machine as `uname -m` says it
    public static List<String> of(InsideView view, String machine) {
        LibraryFolders found = new LibraryFolders(view);
        found.read(CONFIGURATION, 0);
        String triplet = (machine.equals("i686") ? "i386" : machine.equals("ppc64le") ? "powerpc64le" : machine)
                + "-linux-gnu" + (machine.equals("arm") ? "eabihf" : "");
        Stream.of("/lib/" + triplet, "/usr/lib/" + triplet, "/lib64", "/usr/lib64", "/lib", "/usr/lib")
                .forEach(found::add);
        return List.copyOf(found.folders);
    }

    private void add(String folder) {
        if (folders.size() < MOST_FOLDERS
                && folder.indexOf(':') < 0
                && view.find(folder).filter(Files::isDirectory).isPresent()) {
            folders.add(folder);
        }
    }

    private void read(String path, int depth) {
        Optional<Path> file = view.find(path).filter(Files::isRegularFile).filter(Files::isReadable);
        if (file.isEmpty() || depth > DEEPEST || !isNew(path)) {
            return;
        }
        view.reads(file.get());
        text(file.get())
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .forEach(line -> {
                    if (line.startsWith("include ")) {
                        include(line.substring("include ".length()).strip(), depth);
                    } else if (line.startsWith("/")) {
                        add(line.replaceFirst("(?<=.)/+$", ""));
                    }
                });
    }

    private boolean isNew(String path) {
        return included.size() < MOST_INCLUDES && included.add(path);
    }

    /// A pattern in its last part; relative to the configuration's folder.
    private void include(String pattern, int depth) {
        if (pattern.indexOf('\0') >= 0
                || pattern.chars().filter(letter -> letter == '*').count() > MOST_STARS) {
            return;
        }
        Path absolute = Path.of("/etc").resolve(pattern).normalize();
        Path parent = absolute.getParent();
        Path last = absolute.getFileName();
        if (parent == null || last == null || !isNew("include " + absolute)) {
            return;
        }
        PathMatcher matcher;
        try {
            matcher = FileSystems.getDefault().getPathMatcher("glob:" + last);
        } catch (PatternSyntaxException e) {
            return;
        }
        Optional<Path> folder = view.find(parent.toString()).filter(Files::isDirectory);
        folder.ifPresent(view::reads);
        folder.filter(Files::isReadable).map(Folders::list).orElse(List.of()).stream()
                .map(Path::getFileName)
                .filter(matcher::matches)
                .forEach(name -> read(parent.resolve(name).toString(), depth + 1));
    }

    private static String text(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(LARGEST_FILE), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw FaultException.io("reading " + file, e);
        }
    }
}
