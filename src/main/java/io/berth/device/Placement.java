package io.berth.device;

import io.berth.container.InsideTree;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Where files of the driver are shown inside.
///
/// Libraries and programs get folders of their own, which images made for NVIDIA have in their search paths anyway:
/// nothing of the image's folders has to be covered, and nothing of the image is hidden.
///
/// @param tree the image's
/// @param fixed whether nothing can be made in the tree anyway
record Placement(InsideTree tree, boolean fixed) {
    static final String OWN = "/usr/local/nvidia";
    static final String PROGRAMS = OWN + "/bin";
    static final String LIBRARIES = OWN + "/lib64";
    static final String LIBRARIES_32 = OWN + "/lib";

    /// While a file is shown in one of these that was not there, nobody can make another one beside it.
    private static final Set<String> PRECIOUS = Set.of(
            "/",
            "/etc",
            "/home",
            "/lib",
            "/lib64",
            "/opt",
            "/root",
            "/run",
            "/tmp",
            "/usr",
            "/usr/bin",
            "/usr/lib",
            "/usr/lib64",
            "/usr/local",
            "/usr/sbin",
            "/usr/share",
            "/var",
            "/var/lib",
            "/var/run",
            "/var/tmp");

    static String libraries(int bits) {
        return bits == 32 ? LIBRARIES_32 : LIBRARIES;
    }

    /// Where the image has files of this name: of an earlier release, or empty ones that were left when it was built.
    List<String> over(int bits, String name) {
        List<String> folders = bits == 32
                ? List.of("/usr/lib/i386-linux-gnu", "/usr/lib32")
                : List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64");
        return folders.stream()
                .map(folder -> folder + "/" + name)
                .filter(path -> tree.find(path).filter(Files::isRegularFile).isPresent())
                .toList();
    }

    /// Absent when it would spoil one of the image's folders for the program.
    Optional<String> at(String path) {
        boolean there = tree.find(path).filter(Files::exists).isPresent();
        return there || fixed || !PRECIOUS.contains(tree.nearestFolder(path)) ? Optional.of(path) : Optional.empty();
    }
}
