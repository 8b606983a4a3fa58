package io.berth.layer;

/// Which names (folders aside) the current layer has made, as 64-bit hashes: a layer of a million files costs 16 MB.
///
/// Two names of one hash would spare a file from a whiteout; nothing worse, and not by chance.
final class LayerNames {
    private long[] slots = new long[1024];
    private int used;

    void clear() {
        slots = new long[1024];
        used = 0;
    }

    void add(Folder folder, String name) {
        if (used * 2 > slots.length) {
            grow();
        }
        used += put(slots, hash(folder, name));
    }

    boolean contains(Folder folder, String name) {
        long hash = hash(folder, name);
        int at = start(slots, hash);
        while (slots[at] != 0) {
            if (slots[at] == hash) {
                return true;
            }
            at = (at + 1) & (slots.length - 1);
        }
        return false;
    }

    private void grow() {
        long[] larger = new long[slots.length * 2];
        for (long hash : slots) {
            if (hash != 0) {
                put(larger, hash);
            }
        }
        slots = larger;
    }

    private static int put(long[] into, long hash) {
        int at = start(into, hash);
        while (into[at] != 0) {
            if (into[at] == hash) {
                return 0;
            }
            at = (at + 1) & (into.length - 1);
        }
        into[at] = hash;
        return 1;
    }

    private static int start(long[] in, long hash) {
        return (int) (hash >>> 32) & (in.length - 1);
    }

    private static long hash(Folder folder, String name) {
        long hash = mix(folder.id() + 0x9E3779B97F4A7C15L);
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ name.charAt(i)) * 0x100000001B3L;
        }
        long mixed = mix(hash);
        return mixed == 0 ? 1 : mixed;
    }

    /// The finalizer of SplitMix64.
    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
