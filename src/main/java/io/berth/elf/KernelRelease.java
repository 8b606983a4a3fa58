package io.berth.elf;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A release of Linux, as far as C libraries care.
public record KernelRelease(int major, int minor) implements Comparable<KernelRelease> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(\\D.*)?");

    /// @param text as `uname -r` says it
    public static Optional<KernelRelease> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? Optional.of(new KernelRelease(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    @Override
    public int compareTo(KernelRelease other) {
        return Comparator.comparingInt(KernelRelease::major)
                .thenComparingInt(KernelRelease::minor)
                .compare(this, other);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
