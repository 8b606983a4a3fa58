package io.berth.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the dynamic linker knows of libraries: a name, and where it is.
///
/// Shape: a damaged cache is one without entries, as it is for the linker.
/// Source: glibc 2.36, ldconfig(8): the format `glibc-ld.so.cache1.1`, alone or behind the older `ld.so-1.7.0`.
record LinkerCache(List<Entry> entries) {
    private static final byte[] OLD = "ld.so-1.7.0\0".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NEW = "glibc-ld.so.cache1.1".getBytes(StandardCharsets.US_ASCII);
    private static final int OLD_ENTRY = 12;
    private static final int NEW_HEADER = 48;
    private static final int NEW_ENTRY = 24;
    private static final long MOST_BYTES = 64 << 20;

    LinkerCache {
        entries = List.copyOf(entries);
    }

    record Entry(String name, String path) {}

    static LinkerCache read(Path file) {
        try {
            return Files.isRegularFile(file) && Files.size(file) <= MOST_BYTES
                    ? parse(Files.readAllBytes(file))
                    : new LinkerCache(List.of());
        } catch (IOException e) {
            return new LinkerCache(List.of()); // the usual folders are looked at anyway
        }
    }

    static LinkerCache parse(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
        if (begins(bytes, 0, NEW)) {
            return entries(buffer, 0, NEW_HEADER, NEW_ENTRY, 0);
        }
        // its count stands behind the magic, which is padded to a word
        int header = OLD.length + Integer.BYTES;
        if (!begins(bytes, 0, OLD) || bytes.length < header) {
            return new LinkerCache(List.of());
        }
        long end = header + (long) OLD_ENTRY * Math.max(0, buffer.getInt(OLD.length));
        long aligned = (end + 7) & ~7L;
        if (aligned < bytes.length && begins(bytes, (int) aligned, NEW)) {
            return entries(buffer, (int) aligned, NEW_HEADER, NEW_ENTRY, (int) aligned);
        }
        return end <= bytes.length
                ? entries(buffer, OLD.length - NEW.length, header, OLD_ENTRY, (int) end)
                : new LinkerCache(List.of());
    }

    /// @param start where the newer header begins; its count stands behind the magic
    /// @param strings from where the entries count
    private static LinkerCache entries(ByteBuffer buffer, int start, int header, int size, int strings) {
        int counted = start + NEW.length;
        int first = size == NEW_ENTRY ? start + header : header;
        List<Entry> entries = new ArrayList<>();
        if (counted + Integer.BYTES > buffer.limit()) {
            return new LinkerCache(entries);
        }
        long count = buffer.getInt(counted);
        for (long i = 0; i < count && first + (i + 1) * size <= buffer.limit(); i++) {
            int at = (int) (first + i * size);
            String name = text(buffer, strings + (long) buffer.getInt(at + 4));
            String path = text(buffer, strings + (long) buffer.getInt(at + 8));
            if (!name.isEmpty() && path.startsWith("/")) {
                entries.add(new Entry(name, path));
            }
        }
        return new LinkerCache(entries);
    }

    private static boolean begins(byte[] bytes, int from, byte[] magic) {
        return bytes.length >= from + magic.length
                && Arrays.equals(bytes, from, from + magic.length, magic, 0, magic.length);
    }

    private static String text(ByteBuffer buffer, long from) {
        if (from < 0 || from >= buffer.limit()) {
            return "";
        }
        int end = (int) from;
        while (end < buffer.limit() && buffer.get(end) != 0) {
            end++;
        }
        if (end == buffer.limit()) {
            return "";
        }
        byte[] letters = new byte[end - (int) from];
        buffer.get((int) from, letters);
        return new String(letters, StandardCharsets.UTF_8);
    }
}
