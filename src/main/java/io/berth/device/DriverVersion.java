package io.berth.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A release of the driver, `550.54.15` for example.
record DriverVersion(String text) implements Comparable<DriverVersion> {
    private static final Pattern FORM = Pattern.compile("[1-9][0-9]{2,3}(\\.[0-9]{1,4}){1,3}");
    private static final Pattern MODULE =
            Pattern.compile("Kernel Module\\s.*?\\b([1-9][0-9]{2,3}(?:\\.[0-9]{1,4}){1,3})\\b");

    /// Absent for what is no release: some libraries count by themselves.
    static Optional<DriverVersion> parse(String text) {
        return FORM.matcher(text).matches() ? Optional.of(new DriverVersion(text)) : Optional.empty();
    }

    /// Of the module that runs.
    ///
    /// Source: /proc/driver/nvidia/version of the closed and the open module.
    static Optional<DriverVersion> ofModule(String procText) {
        Matcher found = MODULE.matcher(procText);
        return found.find() ? Optional.of(new DriverVersion(found.group(1))) : Optional.empty();
    }

    @Override
    public int compareTo(DriverVersion other) {
        List<Integer> mine = numbers();
        List<Integer> others = other.numbers();
        for (int i = 0; i < Math.max(mine.size(), others.size()); i++) {
            int compared = Integer.compare(i < mine.size() ? mine.get(i) : 0, i < others.size() ? others.get(i) : 0);
            if (compared != 0) {
                return compared;
            }
        }
        return 0;
    }

    List<Integer> numbers() {
        List<Integer> numbers = new ArrayList<>();
        for (String part : text.split("\\.")) {
            numbers.add(Integer.parseInt(part));
        }
        return numbers;
    }

    @Override
    public String toString() {
        return text;
    }
}
