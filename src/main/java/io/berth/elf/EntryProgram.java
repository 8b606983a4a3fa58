package io.berth.elf;

import io.berth.container.InsideView;
import io.berth.fault.FaultException;
import io.berth.files.UnixStat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The program that a container starts with, and what starts it.
///
/// @param path inside
/// @param kind of the program itself, or of the last interpreter when it is a script
/// @param interpreters paths inside of the programs that a script names, in the order in which they come in
/// @param loader that it names
/// @param machine as `uname -m` says it; empty when it is no program
public record EntryProgram(String path, Kind kind, List<String> interpreters, Optional<String> loader, String machine) {
    /// What can be done with it.
    public enum Kind {
        /// Loads libraries, by a loader.
        DYNAMIC,
        /// No library can be put in front of it.
        STATIC,
        /// Starts with other rights than its user's.
        SETUID,
        /// Neither a program nor a script.
        OTHER,
        /// Not there.
        MISSING,
        /// Whoever starts the container names it.
        OPEN
    }

    private static final int LONGEST_LINE = 256;
    private static final int MOST_INTERPRETERS = 5;
    private static final int OTHER_RIGHTS = 06000;

    public EntryProgram {
        interpreters = List.copyOf(interpreters);
    }

    static EntryProgram open() {
        return new EntryProgram("", Kind.OPEN, List.of(), Optional.empty(), "");
    }

    /// @param word path, or name that is looked for in the PATH
    static EntryProgram of(InsideView view, String word, String searchPath) {
        Optional<String> path = view.programOf(word, searchPath);
        if (path.isEmpty()) {
            return new EntryProgram(word, Kind.MISSING, List.of(), Optional.empty(), "");
        }
        try {
            return follow(view, path.get());
        } catch (AccessDeniedException e) {
            // it may be executed and not read
            return new EntryProgram(path.get(), Kind.OTHER, List.of(), Optional.empty(), "");
        } catch (IOException e) {
            throw FaultException.io("looking at program " + path.get(), e);
        }
    }

    private static EntryProgram follow(InsideView view, String path) throws IOException {
        List<String> interpreters = new ArrayList<>();
        String current = path;
        while (true) {
            Optional<Path> file = view.find(current).filter(Files::isRegularFile);
            if (file.isEmpty()) {
                return new EntryProgram(path, Kind.MISSING, interpreters, Optional.empty(), "");
            }
            view.reads(file.get());
            Optional<String> interpreter = interpreterOf(file.get());
            if (interpreter.isEmpty() || interpreters.size() == MOST_INTERPRETERS) {
                return program(path, file.get(), interpreters);
            }
            current = interpreter.get();
            interpreters.add(current);
        }
    }

    private static EntryProgram program(String path, Path file, List<String> interpreters) throws IOException {
        Optional<ElfFile> elf = ElfFile.read(file);
        if (elf.isEmpty()) {
            return new EntryProgram(path, Kind.OTHER, interpreters, Optional.empty(), "");
        }
        boolean otherRights = (UnixStat.of(file).mode() & OTHER_RIGHTS) != 0;
        Kind kind = otherRights ? Kind.SETUID : elf.get().isStatic() ? Kind.STATIC : Kind.DYNAMIC;
        return new EntryProgram(
                path, kind, interpreters, elf.get().interpreter(), elf.get().machineName());
    }

    /// What stands behind `#!`; the path must be absolute to mean the same everywhere.
    ///
    /// Source: execve(2), "Interpreter scripts".
    static Optional<String> interpreterOf(Path file) throws IOException {
        byte[] head;
        try (InputStream in = Files.newInputStream(file)) {
            head = in.readNBytes(LONGEST_LINE);
        }
        if (head.length < 3 || head[0] != '#' || head[1] != '!') {
            return Optional.empty();
        }
        String line = new String(head, 2, head.length - 2, StandardCharsets.UTF_8);
        int end = line.indexOf('\n');
        String[] words = (end < 0 ? line : line.substring(0, end)).strip().split("[ \t]+", 2);
        return words[0].startsWith("/") && words[0].indexOf('\0') < 0 ? Optional.of(words[0]) : Optional.empty();
    }
}
