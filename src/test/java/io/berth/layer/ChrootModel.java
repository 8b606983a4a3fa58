package io.berth.layer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a layer's entries come to, one after another, in a world of their own: links are followed as a changed root
/// follows them, and nothing can be said that lies outside. Too simple to be wrong.
final class ChrootModel {
    /// @param type `d`, `f`, `l`, `h` (hard link), `c` (device), `w` (whiteout, meant for a lower layer)
    record Entry(char type, String name, int mode, String text) {}

    /// An entry that must be refused, with the whole layer.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1;

        Refused(String why) {
            super(why);
        }
    }

    private static final int MOST_LINKS = 40;

    private static final class Node {
        private final char type;
        private final String text;
        private final TreeMap<String, Node> children = new TreeMap<>();
        private int mode;

        Node(char type, int mode, String text) {
            this.type = type;
            this.mode = mode;
            this.text = text;
        }
    }

    private final Node root = new Node('d', 0755, "");

    void apply(Entry entry) throws Refused {
        List<String> parts = lexical(entry.name());
        if (parts.isEmpty()) {
            if (entry.type() == 'h') {
                throw new Refused("a link in place of the root");
            }
            return;
        }
        String name = parts.getLast();
        List<String> parents = parts.subList(0, parts.size() - 1);
        switch (entry.type()) {
            case 'd' -> folder(make(parents), name, entry.mode());
            case 'f' -> make(parents).children.put(name, new Node('f', entry.mode(), entry.text()));
            case 'l' -> make(parents).children.put(name, new Node('l', 0777, entry.text()));
            case 'h' -> hardLink(parents, name, entry.text());
            default -> {
                Node parent = walk(parents, false);
                if (parent != null) {
                    parent.children.remove(name);
                }
            }
        }
    }

    private static void folder(Node parent, String name, int mode) {
        Node there = parent.children.get(name);
        if (there == null || there.type != 'd') {
            parent.children.put(name, new Node('d', mode, ""));
        } else {
            there.mode = mode;
        }
    }

    private void hardLink(List<String> parents, String name, String target) throws Refused {
        List<String> parts = lexical(target);
        Node folder = parts.isEmpty() ? null : walk(parts.subList(0, parts.size() - 1), false);
        Node existing = folder == null ? null : folder.children.get(parts.getLast());
        if (folder == null || existing == null || existing.type == 'd') {
            throw new Refused("a hard link to what is no file");
        }
        Node parent = make(parents);
        // making the parents may have replaced the very file
        if (folder.children.get(parts.getLast()) != existing) {
            throw new Refused("a hard link to what is no file any more");
        }
        Node there = parent.children.get(name);
        if (there != null && there.type == 'd' && holds(there, folder)) {
            throw new Refused("a hard link that replaces the folder of its target");
        }
        parent.children.put(name, existing);
    }

    private static boolean holds(Node tree, Node wanted) {
        return tree == wanted || tree.children.values().stream().anyMatch(child -> holds(child, wanted));
    }

    private static List<String> lexical(String name) throws Refused {
        List<String> parts = new ArrayList<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                if (parts.isEmpty()) {
                    throw new Refused("outside the tree");
                }
                parts.removeLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    private Node make(List<String> parts) throws Refused {
        Node made = walk(parts, true);
        if (made == null) {
            throw new IllegalStateException("made");
        }
        return made;
    }

    private @Nullable Node walk(List<String> parts, boolean make) throws Refused {
        Deque<String> ahead = new ArrayDeque<>(parts);
        List<Node> way = new ArrayList<>(List.of(root));
        int links = 0;
        while (!ahead.isEmpty()) {
            String name = ahead.removeFirst();
            if (name.equals("..")) {
                if (way.size() > 1) {
                    way.removeLast();
                }
                continue;
            }
            Node next = way.getLast().children.get(name);
            if (next != null && next.type == 'l') {
                if (++links > MOST_LINKS) {
                    throw new Refused("a loop");
                }
                if (next.text.startsWith("/")) {
                    way.subList(1, way.size()).clear();
                }
                List<String> target = Arrays.stream(next.text.split("/"))
                        .filter(part -> !part.isEmpty() && !part.equals("."))
                        .toList();
                target.reversed().forEach(ahead::addFirst);
                continue;
            }
            if (next == null || next.type != 'd') {
                if (!make) {
                    return null;
                }
                next = new Node('d', 0755, "");
                way.getLast().children.put(name, next);
            }
            way.add(next);
        }
        return way.getLast();
    }

    /// As [TreeListing] says it.
    List<String> listing() {
        List<String> lines = new ArrayList<>();
        list(root, "", lines);
        lines.sort(null);
        return lines;
    }

    private static void list(Node folder, String prefix, List<String> lines) {
        folder.children.forEach((name, node) -> {
            String mode = Integer.toOctalString(node.mode);
            switch (node.type) {
                case 'd' -> {
                    lines.add("dir " + prefix + name + " " + mode);
                    list(node, prefix + name + "/", lines);
                }
                case 'f' -> lines.add(("file " + prefix + name + " " + mode + " " + node.text).strip());
                default -> lines.add("link " + prefix + name + " -> " + node.text);
            }
        });
    }
}
