package io.berth.device;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;

/// What was found on the host, and why it is shown or is not; grows while the search goes on.
final class Finding {
    /// Sockets come and go with those who serve them.
    static final String SOCKET = "socket";

    private static final List<String> LAST = List.of("left out", "not found");

    private final SequencedMap<String, Shown> shown = new LinkedHashMap<>();
    private final SequencedMap<String, String> variables = new LinkedHashMap<>();
    private final Set<String> libraryFolders = new LinkedHashSet<>();
    private final Set<String> programFolders = new LinkedHashSet<>();
    private final SequencedMap<String, List<String>> lines = new LinkedHashMap<>();
    private final List<String> notices = new ArrayList<>();
    private final Set<Path> stamped = new LinkedHashSet<>();

    /// @param target inside
    /// @param optional it may have gone when the program starts
    record Shown(Path source, String target, boolean optional) {}

    /// The first that asks for a place has it.
    void show(String group, Path source, String target, String why) {
        if (shown.putIfAbsent(target, new Shown(source, target, group.equals(SOCKET))) == null) {
            say(group, source + (source.toString().equals(target) ? "" : " at " + target) + ": " + why);
        }
    }

    void library(Path source, int bits, String name, Placement placement, String why) {
        String folder = Placement.libraries(bits);
        String group = bits == 32 ? "32-bit library" : "library";
        libraryFolders.add(folder);
        show(group, source, folder + "/" + name, why);
        placement.over(bits, name).forEach(place -> show(group, source, place, "over the image's own"));
    }

    void program(Path source, String name, String why) {
        programFolders.add(Placement.PROGRAMS);
        show("program", source, Placement.PROGRAMS + "/" + name, why);
    }

    void searchLibrariesIn(String folder) {
        libraryFolders.add(folder);
    }

    void set(String name, String value, String why) {
        variables.put(name, value);
        say("variable", name + "=" + value + ": " + why);
    }

    void say(String group, String line) {
        lines.computeIfAbsent(group, _ -> new ArrayList<>()).add(line);
    }

    void missing(String what) {
        say("not found", what);
    }

    /// Also told when the program starts.
    void warn(String notice) {
        notices.add(notice);
        say("note", notice);
    }

    /// A start planned from this is stale when the file changes.
    void dependOn(Path file) {
        stamped.add(file);
    }

    Collection<Shown> shown() {
        return shown.values();
    }

    SequencedMap<String, String> variables() {
        return variables;
    }

    List<String> libraryFolders() {
        return List.copyOf(libraryFolders);
    }

    List<String> programFolders() {
        return List.copyOf(programFolders);
    }

    List<String> notices() {
        return List.copyOf(notices);
    }

    List<Path> stamped() {
        return List.copyOf(stamped);
    }

    /// Group by group; what is not there at the end.
    List<String> lines() {
        List<String> all = new ArrayList<>();
        lines.keySet().stream().filter(group -> !LAST.contains(group)).forEach(group -> add(all, group));
        LAST.forEach(group -> add(all, group));
        return all;
    }

    private void add(List<String> all, String group) {
        lines.getOrDefault(group, List.of()).forEach(line -> all.add(group + " " + line));
    }
}
