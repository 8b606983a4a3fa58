package io.berth.process;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is written down of a run, so that another berth can join it or leave its container alone.
///
/// Shape: lines of a word and values; words of the command line are encoded as in a URL. The starter adds
/// `program PID STARTED` once the container is there.
/// Source: docs/formats/run-record.md.
///
/// @param starter the front, which becomes the program or its supervisor
/// @param program who is in the namespaces; in modes without them nobody needs to know
/// @param options of `berth run` that make the same container once more
public record RunRecord(
        String node,
        String bootId,
        String mode,
        ProcessMark starter,
        List<String> options,
        Optional<ProcessMark> program) {
    private static final String HEAD = "berth-run 1";

    public RunRecord {
        options = List.copyOf(options);
    }

    String text() {
        return withoutStarter(node, bootId, mode, options) + "starter " + starter.pid() + ' ' + starter.started()
                + '\n';
    }

    /// What the records of all starts of one command line have in common.
    static String withoutStarter(String node, String bootId, String mode, List<String> options) {
        StringBuilder text = new StringBuilder(HEAD).append('\n');
        text.append("node ").append(node).append('\n');
        text.append("boot ").append(bootId).append('\n');
        text.append("mode ").append(mode).append('\n');
        for (String option : options) {
            text.append("option ").append(URLEncoder.encode(option, StandardCharsets.UTF_8));
            text.append('\n');
        }
        return text.toString();
    }

    /// Empty for what is no record.
    static Optional<RunRecord> parse(String text) {
        List<String> lines = text.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(HEAD)) {
            return Optional.empty();
        }
        String node = "";
        String boot = "";
        String mode = "";
        Optional<ProcessMark> starter = Optional.empty();
        Optional<ProcessMark> program = Optional.empty();
        List<String> options = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", 2);
            String value = words.length > 1 ? words[1] : "";
            switch (words[0]) {
                case "node" -> node = value;
                case "boot" -> boot = value;
                case "mode" -> mode = value;
                case "starter" -> starter = mark(value);
                case "program" -> program = mark(value);
                case "option" -> options.add(URLDecoder.decode(value, StandardCharsets.UTF_8));
                default -> {}
            }
        }
        String onNode = node;
        String inBoot = boot;
        String inMode = mode;
        Optional<ProcessMark> runs = program;
        return starter.map(mark -> new RunRecord(onNode, inBoot, inMode, mark, options, runs));
    }

    private static Optional<ProcessMark> mark(String value) {
        return value.matches("[0-9]{1,10} [0-9]{1,18}")
                ? Optional.of(new ProcessMark(
                        Long.parseLong(value.substring(0, value.indexOf(' '))),
                        Long.parseLong(value.substring(value.indexOf(' ') + 1))))
                : Optional.empty();
    }

    /// Whether the container is there; in modes with namespaces one has to know in which.
    public boolean isComplete() {
        return program.isPresent() || !mode.startsWith("R");
    }

    /// Whether the program, or what is about to start it, lives. Only for records of this node.
    boolean isAlive() {
        return starter.isAlive();
    }
}
