package io.berth.engine;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Folders;
import io.berth.process.LaunchPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What this machine no longer asks of all that was found out in a place: of its earlier boots, or by a trial that was
/// killed. The place may be one of several machines.
public final class PastBoots {
    private static final Pattern FACTS = Pattern.compile("\\.facts-[0-9a-f]{12}\\.json");
    private static final Pattern KEPT_TRIAL = Pattern.compile("\\.trial-[0-9a-f]{12}");
    private static final Pattern TRIAL_FOLDER = Pattern.compile("\\.trial-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    /// All trials together take minutes at the most.
    private static final Duration NO_TRIAL = Duration.ofHours(1);

    private PastBoots() {}

    public static List<Path> left(Path place, LaunchPlan.Owner here) {
        return Folders.list(place).stream().filter(entry -> isLeft(entry, here)).toList();
    }

    private static boolean isLeft(Path entry, LaunchPlan.Owner here) {
        String name = String.valueOf(entry.getFileName());
        if (FACTS.matcher(name).matches()) {
            return text(entry)
                    .filter(text -> FactsJson.read(text)
                            .filter(facts -> !facts.node().equals(here.node())
                                    || facts.bootId().equals(here.bootId()))
                            .isEmpty())
                    .isPresent();
        }
        if (KEPT_TRIAL.matcher(name).matches()) {
            return text(entry).filter(text -> isPast(text, here)).isPresent();
        }
        return TRIAL_FOLDER.matcher(name).matches() && isOld(entry);
    }

    /// What a kept trial says of itself.
    static String mark(LaunchPlan.Owner owner) {
        return owner.bootId() + " " + owner.node() + "\n";
    }

    /// Without a mark it was kept by a berth that made none.
    private static boolean isPast(String mark, LaunchPlan.Owner here) {
        return mark.isBlank() || (mark.endsWith(" " + here.node() + "\n") && !mark.equals(mark(here)));
    }

    /// Absent when it has just gone, or is not ours to read.
    private static Optional<String> text(Path file) {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    ? Optional.of(AtomicFile.read(file))
                    : Optional.empty();
        } catch (FaultException e) {
            return Optional.empty();
        }
    }

    private static boolean isOld(Path folder) {
        try {
            return Files.getLastModifiedTime(folder, LinkOption.NOFOLLOW_LINKS)
                    .toInstant()
                    .isBefore(Instant.now().minus(NO_TRIAL));
        } catch (IOException e) {
            return false;
        }
    }
}
