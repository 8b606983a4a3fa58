package io.berth.ready;

/// How much of a tree is changed; each includes those before it.
public enum Readiness {
    /// Links lead inside the tree also when it is not `/`.
    LINKS,
    /// The loader knows no folder of the host.
    LOADER,
    /// Programs and libraries name the tree's own loader and folders.
    PROGRAMS;

    /// @param mode by udocker's name, F1 to F4
    public static Readiness of(String mode) {
        return switch (mode) {
            case "F1" -> LINKS;
            case "F2" -> LOADER;
            case "F3", "F4" -> PROGRAMS;
            default -> throw new IllegalArgumentException("mode " + mode + " changes no tree");
        };
    }

    boolean includes(Readiness other) {
        return compareTo(other) >= 0;
    }
}
