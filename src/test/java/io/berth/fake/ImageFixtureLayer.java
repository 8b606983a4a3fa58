package io.berth.fake;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// One layer of an [ImageFixture]: a tar archive being written.
public final class ImageFixtureLayer {
    private final ByteArrayOutputStream sink = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(sink, StandardCharsets.UTF_8.name());

    ImageFixtureLayer() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    public ImageFixtureLayer file(String name, String content) {
        return file(name, 0644, content);
    }

    public ImageFixtureLayer file(String name, int mode, String content) {
        return file(name, mode, content.getBytes(StandardCharsets.UTF_8));
    }

    public ImageFixtureLayer file(String name, int mode, byte[] content) {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
        entry.setMode(mode);
        entry.setSize(content.length);
        return entry(entry, content);
    }

    public ImageFixtureLayer directory(String name, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(name.endsWith("/") ? name : name + "/", TarConstants.LF_DIR, true);
        entry.setMode(mode);
        return entry(entry, new byte[0]);
    }

    public ImageFixtureLayer symlink(String name, String target) {
        return link(name, target, TarConstants.LF_SYMLINK);
    }

    public ImageFixtureLayer hardlink(String name, String target) {
        return link(name, target, TarConstants.LF_LINK);
    }

    /// Removes a file of the layers below.
    public ImageFixtureLayer whiteout(String name) {
        int slash = name.lastIndexOf('/') + 1;
        return file(name.substring(0, slash) + ".wh." + name.substring(slash), "");
    }

    /// Hides what the layers below have in a folder.
    public ImageFixtureLayer opaque(String folder) {
        return file(folder + "/.wh..wh..opq", "");
    }

    /// Anything else.
    public ImageFixtureLayer entry(TarArchiveEntry entry, byte[] content) {
        try {
            entry.setModTime(0L);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ImageFixtureLayer link(String name, String target, byte kind) {
        TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
        entry.setLinkName(target);
        return entry(entry, new byte[0]);
    }

    byte[] tar() {
        try {
            tar.close();
            return sink.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
