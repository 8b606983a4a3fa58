package io.berth.layer;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;

/// Sets times of modification; of access as well, since asking for the present one would cost a call more.
final class Times {
    private Times() {}

    static void set(Path path, FileTime modified) throws IOException {
        Files.getFileAttributeView(path, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setTimes(modified, modified, null);
    }

    /// A link's own time matters to nobody; some file systems cannot set it.
    static void setOfLink(Path link, FileTime modified) throws IOException {
        try {
            set(link, modified);
        } catch (FileSystemException e) {
            // stays at now
        }
    }
}
