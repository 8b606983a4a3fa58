package io.berth.layer;

import java.io.IOException;
import java.nio.file.attribute.FileTime;

/// Gives folders their modes and times, once nothing more is put into them.
final class TreeClosing {
    private final Modes modes;

    TreeClosing(Modes modes) {
        this.modes = modes;
    }

    /// Children first: a folder without write permission is closed for good.
    void close(Folder folder) throws IOException {
        for (Known child : folder.known()) {
            if (child instanceof Folder inner) {
                close(inner);
            }
        }
        int mode = modes.closed(folder.mode());
        if (mode != folder.modeOnDisk()) {
            modes.set(folder.path(), mode);
        }
        FileTime modified = folder.modified();
        if (modified != null) {
            Times.set(folder.path(), modified);
        }
    }
}
