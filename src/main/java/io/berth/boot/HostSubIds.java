package io.berth.boot;

import io.berth.container.HostUser;
import io.berth.engine.SubIdRanges;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.process.Command;
import io.berth.process.LaunchPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The caller's subordinate ids as the host's files list them, or its name service by `getsubids`.
///
/// Source: subuid(5), subgid(5). Of several ranges the longest counts.
final class HostSubIds implements SubIdRanges {
    private static final Path SUBUID = Path.of("/etc/subuid");
    private static final Path SUBGID = Path.of("/etc/subgid");
    private static final Duration LIMIT = Duration.ofSeconds(20);
    /// As `getsubids` shows one: `0: name 100000 65536`.
    private static final Pattern SHOWN = Pattern.compile("[0-9]+: \\S+ ([0-9]{1,10}) ([0-9]{1,10})");

    private final HostUser caller;
    private final @Nullable String searchPath;
    private final Evidence evidence;
    private @Nullable Found found;

    HostSubIds(HostUser caller, @Nullable String searchPath, Evidence evidence) {
        this.caller = caller;
        this.searchPath = searchPath;
        this.evidence = evidence;
    }

    private record Range(long first, long count) {}

    @Override
    public Found find() {
        Found known = found;
        if (known == null) {
            known = look();
            found = known;
        }
        return known;
    }

    private Found look() {
        Optional<Path> newuidmap = program("newuidmap");
        Optional<Path> newgidmap = program("newgidmap");
        if (newuidmap.isEmpty() || newgidmap.isEmpty()) {
            return new Found.None("newuidmap and newgidmap are not in PATH; install the package uidmap");
        }
        Optional<Range> users = range(SUBUID);
        Optional<Range> groups = range(SUBGID);
        if (users.isEmpty() || groups.isEmpty()) {
            return new Found.None("user " + caller.name() + " has no range in " + (users.isEmpty() ? SUBUID : SUBGID));
        }
        return new Found.Some(new LaunchPlan.SubIds(
                users.get().first(),
                users.get().count(),
                groups.get().first(),
                groups.get().count(),
                newuidmap.get(),
                newgidmap.get()));
    }

    private Optional<Path> program(String name) {
        Command.places(name, searchPath).forEach(evidence::kind);
        return Command.find(name, searchPath);
    }

    private Optional<Range> range(Path file) {
        evidence.content(file);
        return longest(lines(file)).or(() -> named(file));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? AtomicFile.read(file).lines().toList() : List.of();
        } catch (FaultException e) {
            return List.of(); // no ranges that could be read
        }
    }

    private Optional<Range> longest(List<String> lines) {
        return lines.stream()
                .map(line -> line.strip().split(":", -1))
                .filter(parts -> parts.length == 3
                        && (parts[0].equals(caller.name()) || parts[0].equals(Long.toString(caller.uid()))))
                .flatMap(parts -> range(parts[1], parts[2]))
                .max(Comparator.comparingLong(Range::count));
    }

    /// Such a site has its users' ranges in a directory.
    private Optional<Range> named(Path file) {
        Optional<Path> program = program("getsubids");
        if (program.isEmpty()) {
            return Optional.empty();
        }
        evidence.doubt(); // nothing tells of changes
        String name = program.get().toString();
        List<String> words = file.equals(SUBGID) ? List.of(name, "-g", caller.name()) : List.of(name, caller.name());
        return Command.run(words, LIMIT)
                .output()
                .lines()
                .map(SHOWN::matcher)
                .filter(Matcher::matches)
                .flatMap(line -> range(line.group(1), line.group(2)))
                .max(Comparator.comparingLong(Range::count));
    }

    private static Stream<Range> range(String first, String count) {
        boolean numbers = first.matches("[1-9][0-9]{0,9}") && count.matches("[1-9][0-9]{0,9}");
        return numbers ? Stream.of(new Range(Long.parseLong(first), Long.parseLong(count))) : Stream.empty();
    }
}
