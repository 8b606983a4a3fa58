package io.berth.container;

import io.berth.fault.FaultException;
import io.berth.process.Mount;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// An empty folder in memory that the user wants inside: `TARGET[:OPTION[,OPTION...]]`, as docker's `--tmpfs`.
///
/// Source: docker run(1); tmpfs(5) for the options.
public final class MemoryFolder {
    private static final String FORM = "the form is TARGET[:size=64m][,mode=1777], for example /scratch:size=1g";
    private static final Pattern OPTION =
            Pattern.compile("size=[0-9]{1,18}[kmgKMG%]?|nr_inodes=[0-9]{1,18}[kmgKMG]?|mode=[0-7]{3,4}");

    private MemoryFolder() {}

    public static Mount.Tmpfs parse(String text) {
        int colon = text.indexOf(':');
        String target = colon < 0 ? text : text.substring(0, colon);
        List<String> options = colon < 0
                ? new ArrayList<>()
                : new ArrayList<>(Arrays.asList(text.substring(colon + 1).split(",", -1)));
        options.stream()
                .filter(option -> !OPTION.matcher(option).matches())
                .findFirst()
                .ifPresent(option -> {
                    throw refused(text, "'" + option + "' is not known");
                });
        Path normal = Path.of(target).normalize();
        boolean climbs = Arrays.asList(target.split("/")).contains("..");
        if (!target.startsWith("/") || normal.getNameCount() == 0 || climbs) {
            throw refused(text, "the path inside must be absolute, below '/', and must not climb");
        }
        if (options.stream().noneMatch(option -> option.startsWith("mode="))) {
            options.add("mode=1777");
        }
        return new Mount.Tmpfs(normal.toString(), String.join(",", options));
    }

    private static FaultException refused(String text, String why) {
        return FaultException.badInput("reading folder in memory '" + text + "': " + why, FORM);
    }
}
