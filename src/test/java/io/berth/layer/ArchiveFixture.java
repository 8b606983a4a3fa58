package io.berth.layer;

import com.github.luben.zstd.Zstd;
import io.berth.image.Descriptor;
import io.berth.image.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// An archive made entry by entry, also of such entries as no honest tool writes.
final class ArchiveFixture {
    static final FileTime TIME = FileTime.from(Instant.parse("2001-02-03T04:05:06Z"));

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    ArchiveFixture() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    }

    ArchiveFixture gnu() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        return this;
    }

    ArchiveFixture folder(String name, int mode) {
        return add(name, '5', mode, "", new byte[0]);
    }

    ArchiveFixture folder(String name) {
        return folder(name, 0755);
    }

    ArchiveFixture file(String name, int mode, String text) {
        return add(name, '0', mode, "", text.getBytes(StandardCharsets.UTF_8));
    }

    ArchiveFixture file(String name, String text) {
        return file(name, 0644, text);
    }

    ArchiveFixture whiteout(String name) {
        return file(name, "");
    }

    ArchiveFixture link(String name, String target) {
        return add(name, '2', 0777, target, new byte[0]);
    }

    ArchiveFixture hard(String name, String target) {
        return add(name, '1', 0644, target, new byte[0]);
    }

    ArchiveFixture special(String name, char type) {
        return add(name, type, 0644, "", new byte[0]);
    }

    ArchiveFixture withAttribute(String name, String attribute) {
        TarArchiveEntry entry = entry(name, '0', 0644, "", 0);
        entry.addPaxHeader("SCHILY.xattr." + attribute, "x");
        return put(entry, new byte[0]);
    }

    ArchiveFixture add(String name, char type, int mode, String target, byte[] contents) {
        return put(entry(name, type, mode, target, contents.length), contents);
    }

    private static TarArchiveEntry entry(String name, char type, int mode, String target, long size) {
        TarArchiveEntry entry = new TarArchiveEntry(name, (byte) type, true);
        entry.setMode(mode);
        entry.setLinkName(target);
        entry.setSize(size);
        entry.setLastModifiedTime(TIME);
        return entry;
    }

    private ArchiveFixture put(TarArchiveEntry entry, byte[] contents) {
        try {
            tar.putArchiveEntry(entry);
            tar.write(contents);
            tar.closeArchiveEntry();
            tar.flush();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A header byte for byte, name and link as given, with a good checksum.
    ArchiveFixture raw(byte[] name, char type, byte[] target, long size, byte[] contents) {
        byte[] header = new byte[512];
        System.arraycopy(name, 0, header, 0, Math.min(100, name.length));
        put(header, 100, "0000644\0");
        put(header, 108, "0000000\0");
        put(header, 116, "0000000\0");
        put(header, 124, String.format("%011o\0", size));
        put(header, 136, "07236531306\0");
        header[156] = (byte) type;
        System.arraycopy(target, 0, header, 157, Math.min(100, target.length));
        put(header, 257, "ustar\00000");
        checksum(header);
        bytes.writeBytes(header);
        bytes.writeBytes(Arrays.copyOf(contents, (contents.length + 511) / 512 * 512));
        return this;
    }

    ArchiveFixture raw(byte[] anything) {
        bytes.writeBytes(anything);
        return this;
    }

    private static void put(byte[] header, int at, String text) {
        System.arraycopy(text.getBytes(StandardCharsets.ISO_8859_1), 0, header, at, text.length());
    }

    private static void checksum(byte[] header) {
        put(header, 148, "        ");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xFF;
        }
        put(header, 148, String.format("%06o\0 ", sum));
    }

    byte[] unended() {
        return bytes.toByteArray();
    }

    byte[] plain() {
        byte[] entries = unended();
        return Arrays.copyOf(entries, entries.length + 1024);
    }

    static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    static byte[] zstd(byte[] plain) {
        return Zstd.compress(plain);
    }

    static LayerFile layer(Path folder, byte[] packed) {
        return layer(folder, packed, Optional.empty());
    }

    static LayerFile layer(Path folder, byte[] packed, Optional<Digest> diffId) {
        try {
            Digest digest = Digest.sha256Of(packed);
            Path file = Files.write(folder.resolve(digest.hex()), packed);
            return new LayerFile(file, new Descriptor("", digest, packed.length), diffId);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
