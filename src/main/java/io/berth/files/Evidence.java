package io.berth.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// What a decision was made from: files as they were, and files that were not there. Who finds all of it the same may
/// decide the same without looking further.
///
/// Shape: lines as docs/formats/plan-cache.md has them. Not for several threads.
public final class Evidence {
    /// A file system gives times by its own clock's ticks, so two changes in one tick look like one.
    private static final Duration TICK = Duration.ofMillis(20);

    private static final Duration COARSE_TICK = Duration.ofSeconds(3);

    /// Of what the kernel says; more does not count.
    private static final int LONGEST_TEXT = 4096;

    private final boolean wanted;
    private final Instant since = Instant.now();
    private final SequencedMap<String, List<String>> seen = new LinkedHashMap<>();
    private boolean sure = true;

    private Evidence(boolean wanted) {
        this.wanted = wanted;
    }

    /// Begins now: what changes from now on cannot be told from what was read.
    public static Evidence begin() {
        return new Evidence(true);
    }

    /// Nobody asks for it, so nothing is looked at.
    public static Evidence unwanted() {
        return new Evidence(false);
    }

    /// What is in a file, or that it is not there. For a folder: which names are in it.
    public void content(Path path) {
        content(path, false);
    }

    /// The content of a file that this process may just have written itself.
    public void ownContent(Path path) {
        content(path, true);
    }

    /// What a path leads to: a file, a folder, nothing; and who may do what with it. Not what is in it.
    public void kind(Path path) {
        if (wanted) {
            note("kind", path, List.of());
        }
    }

    /// What a path itself is, also when it is a link.
    public void entry(Path path) {
        if (!wanted) {
            return;
        }
        try {
            if (Files.isSymbolicLink(path)) {
                add(List.of(
                        "link",
                        path.toAbsolutePath().toString(),
                        Files.readSymbolicLink(path).toString()));
            } else {
                note("entry", path, List.of(LinkOption.NOFOLLOW_LINKS));
            }
        } catch (IOException e) {
            doubt();
        }
    }

    /// What a file of the kernel's says, which has no time of its own.
    public void text(Path path) {
        if (!wanted) {
            return;
        }
        try (InputStream stream = Files.newInputStream(path)) {
            String text = new String(stream.readNBytes(LONGEST_TEXT), StandardCharsets.US_ASCII);
            add(List.of("text", path.toAbsolutePath().toString(), text));
        } catch (IOException e) {
            absent(path, e);
        }
    }

    /// Moves a file of which something may have been noted: that then holds of its new place. Whoever changed the file
    /// since it was noted has it doubted.
    public void move(Path from, Path to) throws IOException {
        Optional<List<String>> before = noted(from);
        if (before.isPresent()) {
            Evidence now = begin();
            now.ownContent(from);
            sure &= now.lines().contains(before.get());
        }
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        forget(to);
        for (List<String> line : below(from)) {
            remove(line);
            List<String> moved = new ArrayList<>(line);
            moved.set(1, moved(line, from, to).toString());
            add(moved);
        }
        // its own time is that of the move
        if (before.isPresent()) {
            remove(List.of("content", to.toAbsolutePath().toString()));
            ownContent(to);
        }
    }

    /// What was noted of a path, or below it, follows from something else from now on.
    public void forget(Path path) {
        below(path).forEach(this::remove);
    }

    private Optional<List<String>> noted(Path path) {
        return Optional.ofNullable(seen.get("content" + path.toAbsolutePath()));
    }

    private List<List<String>> below(Path path) {
        return seen.values().stream()
                .filter(line -> Path.of(line.get(1)).startsWith(path.toAbsolutePath()))
                .toList();
    }

    private static Path moved(List<String> line, Path from, Path to) {
        Path below = from.toAbsolutePath().relativize(Path.of(line.get(1)));
        return below.toString().isEmpty()
                ? to.toAbsolutePath()
                : to.toAbsolutePath().resolve(below);
    }

    private void remove(List<String> line) {
        seen.remove(line.get(0) + line.get(1));
    }

    /// Something was asked of which nobody can tell later whether the answer is still the same.
    public void doubt() {
        sure = false;
    }

    public boolean isWanted() {
        return wanted;
    }

    /// Whether the lines say all.
    public boolean isSure() {
        return wanted && sure;
    }

    public List<List<String>> lines() {
        return List.copyOf(seen.values());
    }

    private void content(Path path, boolean own) {
        if (!wanted) {
            return;
        }
        try {
            Map<String, Object> stat = Files.readAttributes(path, "unix:ino,size,ctime");
            Instant changed = ((FileTime) requireNonNull(stat.get("ctime"))).toInstant();
            sure &= own || isSettled(changed);
            add(List.of(
                    "content",
                    path.toAbsolutePath().toString(),
                    String.valueOf(stat.get("ino")),
                    String.valueOf(stat.get("size")),
                    changed.getEpochSecond() + "."
                            + String.valueOf(1_000_000_000 + changed.getNano()).substring(1)));
        } catch (IOException e) {
            absent(path, e);
        }
    }

    private void note(String how, Path path, List<LinkOption> options) {
        try {
            Map<String, Object> stat =
                    Files.readAttributes(path, "unix:mode,uid,gid", options.toArray(LinkOption[]::new));
            add(List.of(
                    how,
                    path.toAbsolutePath().toString(),
                    number(stat, "mode"),
                    number(stat, "uid"),
                    number(stat, "gid")));
        } catch (IOException e) {
            absent(path, e);
        }
    }

    private static String number(Map<String, Object> stat, String name) {
        return Integer.toUnsignedString((Integer) requireNonNull(stat.get(name)));
    }

    /// What cannot be looked at for another reason may be looked at later.
    private void absent(Path path, IOException e) {
        if (e instanceof NoSuchFileException || isBelowFile(path)) {
            add(List.of("none", path.toAbsolutePath().toString()));
        } else {
            doubt();
        }
    }

    private static boolean isBelowFile(Path path) {
        Path above = path.toAbsolutePath().getParent();
        while (above != null && !Files.exists(above)) {
            above = above.getParent();
        }
        return above != null && !Files.isDirectory(above);
    }

    /// A time without parts of a second may be of a file system that keeps whole seconds.
    private boolean isSettled(Instant changed) {
        boolean coarse = changed.equals(changed.truncatedTo(ChronoUnit.SECONDS));
        return changed.isBefore(since.minus(coarse ? COARSE_TICK : TICK));
    }

    private void add(List<String> line) {
        seen.putIfAbsent(line.get(0) + line.get(1), line);
    }
}
