package io.berth.cli;

import java.util.List;

/// What a word on the command line stands for, told by the label that the help shows for it.
///
/// @param name `image`, `container`, `image container`, `file`, `folder`, `command`, `program`, `text` or `choice`
/// @param choices the words it may be, when they are few
record WordKind(String name, List<String> choices) {
    static final WordKind TEXT = new WordKind("text", List.of());

    private WordKind(String name) {
        this(name, List.of());
    }

    static WordKind ofValue(String label, List<String> choices) {
        if (!choices.isEmpty()) {
            return new WordKind("choice", choices);
        }
        return switch (label) {
            case "FILE", "PATH", "DEVICE" -> new WordKind("file");
            case "DIR" -> new WordKind("folder");
            default -> label.startsWith("HOST[") ? new WordKind("file") : TEXT;
        };
    }

    static WordKind ofOperand(String label, int number, List<String> choices) {
        if (!choices.isEmpty()) {
            return new WordKind("choice", choices);
        }
        boolean image = label.contains("IMAGE");
        if (label.contains("CONTAINER")) {
            return new WordKind(image ? "image container" : "container");
        }
        if (image) {
            return new WordKind("image");
        }
        if (label.endsWith("COMMAND ARG")) {
            return new WordKind("program");
        }
        if (label.equals("COMMAND")) {
            return new WordKind("command");
        }
        if (label.matches("[a-z]+")) {
            return new WordKind("choice", List.of(label));
        }
        // a new name stands behind the container that gets it
        boolean taken = label.equals("NAME") && number == 0;
        return taken
                ? new WordKind("container")
                : label.equals("ARCHIVE") ? new WordKind("file") : ofValue(label, choices);
    }
}
