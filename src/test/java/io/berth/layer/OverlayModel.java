package io.berth.layer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What stacks of layers mean, put as simply as can be: a map of names; a layer's whiteouts act on what is below it,
/// all before its own entries.
final class OverlayModel {
    /// @param type `d`, `f`, `l`, or `h` (hard link), or `w` (whiteout), or `o` (opaque marker)
    /// @param text contents or target
    record Entry(char type, String name, int mode, String text) {}

    private final Map<String, String> things = new TreeMap<>();

    void apply(List<Entry> layer) {
        for (Entry entry : layer) {
            if (entry.type() == 'w') {
                remove(entry.name());
            } else if (entry.type() == 'o') {
                removeBelow(entry.name());
            }
        }
        layer.stream().filter(entry -> "dflh".indexOf(entry.type()) >= 0).forEach(this::put);
    }

    private void put(Entry entry) {
        makeParents(entry.name());
        String mode = Integer.toOctalString(entry.mode());
        switch (entry.type()) {
            case 'd' -> {
                if (!isFolder(entry.name())) {
                    remove(entry.name());
                }
                things.put(entry.name(), "dir % " + mode);
            }
            case 'f' -> replace(entry.name(), ("file % " + mode + " " + entry.text()).strip());
            case 'l' -> replace(entry.name(), "link % -> " + entry.text());
            default -> hardLink(entry);
        }
    }

    private void hardLink(Entry entry) {
        String target = things.get(entry.text());
        if (target == null) {
            throw new IllegalStateException("the generator links only to what is there");
        }
        if (!entry.name().equals(entry.text())) {
            replace(entry.name(), target);
        }
    }

    private void replace(String name, String thing) {
        remove(name);
        things.put(name, thing);
    }

    private void makeParents(String name) {
        for (int slash = name.indexOf('/'); slash > 0; slash = name.indexOf('/', slash + 1)) {
            String parent = name.substring(0, slash);
            if (!isFolder(parent)) {
                replace(parent, "dir % 755");
            }
        }
    }

    private void remove(String name) {
        things.remove(name);
        removeBelow(name);
    }

    private void removeBelow(String name) {
        things.keySet().removeIf(other -> other.startsWith(name + "/"));
    }

    boolean isFolder(String name) {
        return things.getOrDefault(name, "").startsWith("dir ");
    }

    /// Files that a hard link may name now.
    List<String> files() {
        List<String> files = new ArrayList<>();
        things.forEach((name, thing) -> {
            if (!thing.startsWith("dir ")) {
                files.add(name);
            }
        });
        return files;
    }

    List<String> listing() {
        return things.entrySet().stream()
                .map(entry -> entry.getValue().replaceFirst("%", entry.getKey()))
                .toList();
    }
}
