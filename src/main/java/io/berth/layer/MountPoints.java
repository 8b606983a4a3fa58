package io.berth.layer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What engines mount over, made beforehand where a tree will be read-only and the image lacks it.
final class MountPoints {
    private static final int FOLDER_MODE = 0755;
    private static final int FILE_MODE = 0644;

    private static final List<String> FOLDERS = List.of("proc", "sys", "dev", "tmp", "etc", "run", "var/tmp");
    private static final List<String> FILES =
            List.of("etc/resolv.conf", "etc/hosts", "etc/hostname", "etc/passwd", "etc/group");

    private MountPoints() {}

    /// Leaves alone what is there under these names, whatever it is.
    static void make(Tree tree, Modes modes) throws IOException {
        for (String name : FOLDERS) {
            EntryPath path = EntryPath.of(name, FOLDERS.size());
            Folder parent = tree.make(path.parent());
            if (!Tree.exists(parent.path().resolve(path.name()))) {
                tree.folder(parent, path.name(), FOLDER_MODE);
            }
        }
        for (String name : FILES) {
            EntryPath path = EntryPath.of(name, FILES.size());
            Path file = tree.make(path.parent()).path().resolve(path.name());
            if (!Tree.exists(file)) {
                Files.createFile(file, modes.attribute(modes.file(FILE_MODE)));
            }
        }
    }
}
