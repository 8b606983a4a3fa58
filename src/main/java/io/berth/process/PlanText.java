package io.berth.process;

import io.berth.fault.FaultException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;

/// The text of a launch plan, as `berth-exec` reads it.
///
/// Source: docs/formats/launch-plan.md, version 1.
public final class PlanText {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final StringBuilder text = new StringBuilder("berth-plan 1\n");

    private PlanText() {}

    public static String of(LaunchPlan plan) {
        PlanText out = new PlanText();
        out.line("mode", plan.mode());
        out.owner(plan.owner());
        plan.stamps().forEach(out::stamp);
        out.environment(plan.environment());
        plan.descriptors().lines().forEach(out::line);
        plan.cpus().ifPresent(list -> out.line("cpus", list));
        plan.record().ifPresent(file -> out.line("record", file.toString()));
        plan.start().lines().forEach(out::line);
        out.words("prefix", plan.prefix());
        out.words("command", plan.command());
        out.words("after", plan.after());
        return out.text.append("end\n").toString();
    }

    /// With lines at the beginning that say where it comes from and mean nothing to who applies it.
    public static String of(LaunchPlan plan, List<String> comments) {
        String text = of(plan);
        int second = text.indexOf('\n') + 1;
        String lines = comments.stream()
                .map(comment -> "# " + comment.replaceAll("[^\\x20-\\x7e]", "?") + "\n")
                .collect(Collectors.joining());
        return text.substring(0, second) + lines + text.substring(second);
    }

    private void owner(LaunchPlan.Owner owner) {
        line("uid", Long.toString(owner.uid()));
        line("boot", owner.bootId());
        line("node", owner.node());
    }

    private void stamp(Stamp stamp) {
        Instant time = stamp.modified();
        String size = stamp.sizeBytes() < 0 ? "-" : Long.toString(stamp.sizeBytes());
        line(
                "stamp",
                stamp.path().toString(),
                Long.toString(stamp.inode()),
                size,
                time.getEpochSecond() + "."
                        + Integer.toString(1_000_000_000 + time.getNano()).substring(1));
    }

    private void environment(EnvironmentPolicy policy) {
        policy.keep().forEach(glob -> line("keep-env", glob));
        policy.drop().forEach(glob -> line("drop-env", glob));
        policy.defaults().forEach((name, value) -> line("default-env", name, value));
        policy.settings().forEach((name, value) -> line("set-env", name, value));
    }

    private void words(String directive, List<String> words) {
        if (!words.isEmpty()) {
            List<String> line = new ArrayList<>(List.of(directive));
            line.addAll(words);
            line(line);
        }
    }

    private void line(String... words) {
        line(List.of(words));
    }

    /// The directive needs no encoding, and encoding does not change it.
    private void line(List<String> words) {
        text.append(words(words)).append('\n');
    }

    /// Words as one line of a plan has them.
    public static String words(List<String> words) {
        return words.stream().map(PlanText::encode).collect(Collectors.joining(" "));
    }

    /// One word: bytes that are not printable, and `%`, as `%XX`; the empty word as `%`.
    static String encode(String word) {
        if (word.isEmpty()) {
            return "%";
        }
        StringBuilder out = new StringBuilder();
        for (byte b : RawBytes.of(word)) {
            int value = b & 0xff;
            if (value == 0) {
                throw FaultException.badInput(
                        "writing a launch plan: a word holds a NUL byte", "remove it from the arguments or variables");
            }
            if (value <= 0x20 || value > 0x7e || value == '%') {
                out.append('%').append(HEX.toHexDigits((byte) value));
            } else {
                out.append((char) value);
            }
        }
        return out.toString();
    }
}
