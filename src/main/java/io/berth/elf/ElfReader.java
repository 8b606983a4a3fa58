package io.berth.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Takes one ELF file apart.
///
/// Everything in it may be a lie, so each number is checked before it is used, and what is read is bounded.
final class ElfReader {
    private static final int HEADER = 64;
    private static final int MOST_SEGMENTS = 1024;
    private static final int MOST_ENTRIES = 4096;
    private static final int MOST_NEEDED = 1024;
    private static final int LONGEST_TEXT = 4096;
    private static final int MOST_NOTES = 64 << 10;
    /// Three numbers, `GNU`, and four numbers.
    private static final int ABI_TAG = 32;

    private static final int EXECUTABLE = 2;
    private static final int SHARED = 3;

    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int INTERPRETER = 3;
    private static final int NOTE = 4;

    private static final int DT_NEEDED = 1;
    private static final int DT_STRTAB = 5;
    private static final int DT_RPATH = 15;
    private static final int DT_RUNPATH = 29;

    private final FileChannel file;
    private final long size;
    private boolean wide;
    private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
    private final List<Segment> segments = new ArrayList<>();

    ElfReader(FileChannel file) throws IOException {
        this.file = file;
        this.size = file.size();
    }

    /// Units: bytes.
    private record Segment(int type, long offset, long address, long length) {}

    /// @param value of an entry of the dynamic segment
    private record Entry(long tag, long value) {}

    /// Says that the file is no ELF file that makes sense.
    private static final class Damaged extends Exception {
        private static final long serialVersionUID = 1;

        Damaged() {
            super("not an ELF file", null, false, false);
        }
    }

    Optional<ElfFile> read() throws IOException {
        try {
            return whole();
        } catch (Damaged e) {
            return Optional.empty();
        }
    }

    /// The oldest Linux that it wants to run on, by its ABI tag.
    ///
    /// Source: Linux Standard Base Core, "Note Sections", `.note.ABI-tag`.
    Optional<KernelRelease> oldestKernel() throws IOException {
        try {
            if (header().isEmpty()) {
                return Optional.empty();
            }
            for (Segment segment : segments) {
                Optional<KernelRelease> found = segment.type() == NOTE ? tagIn(segment) : Optional.empty();
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        } catch (Damaged e) {
            return Optional.empty();
        }
    }

    private Optional<KernelRelease> tagIn(Segment segment) throws IOException, Damaged {
        check(segment.length() >= 0 && segment.length() <= MOST_NOTES);
        ByteBuffer notes = at(segment.offset(), (int) segment.length());
        int at = 0;
        while (at + ABI_TAG <= notes.limit()) {
            int name = notes.getInt(at);
            int words = notes.getInt(at + 4);
            check(name >= 0 && name <= MOST_NOTES && words >= 0 && words <= MOST_NOTES);
            boolean isTag = name == 4 && words >= 16 && notes.getInt(at + 8) == 1;
            if (isTag && isGnu(notes, at + 12) && notes.getInt(at + 16) == 0) {
                return Optional.of(new KernelRelease(notes.getInt(at + 20), notes.getInt(at + 24)));
            }
            at += 12 + (name + 3) / 4 * 4 + (words + 3) / 4 * 4;
        }
        return Optional.empty();
    }

    private static boolean isGnu(ByteBuffer notes, int at) {
        return notes.get(at) == 'G' && notes.get(at + 1) == 'N' && notes.get(at + 2) == 'U' && notes.get(at + 3) == 0;
    }

    private Optional<ElfFile> whole() throws IOException, Damaged {
        Optional<ByteBuffer> found = header();
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ByteBuffer header = found.get();
        List<Entry> entries = entries();
        return Optional.of(new ElfFile(
                wide ? 64 : 32,
                order == ByteOrder.LITTLE_ENDIAN,
                header.getShort(18) & 0xffff,
                (header.getShort(16) & 0xffff) == SHARED,
                segments.stream().anyMatch(segment -> segment.type() == DYNAMIC),
                interpreter(),
                needed(entries),
                text(entries, DT_RPATH),
                text(entries, DT_RUNPATH)));
    }

    /// Of a program or library, whose segments are known then.
    private Optional<ByteBuffer> header() throws IOException, Damaged {
        ByteBuffer header = at(0, (int) Math.min(HEADER, size));
        if (header.getInt(0) != 0x464c457f) {
            return Optional.empty();
        }
        byte width = header.get(4);
        byte data = header.get(5);
        check((width == 1 || width == 2) && (data == 1 || data == 2));
        wide = width == 2;
        order = data == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        header.order(order);
        check(!wide || header.limit() == HEADER);
        int type = header.getShort(16) & 0xffff;
        if (type != EXECUTABLE && type != SHARED) {
            return Optional.empty();
        }
        readSegments(header);
        return Optional.of(header);
    }

    private void readSegments(ByteBuffer header) throws IOException, Damaged {
        long offset = wide ? header.getLong(32) : header.getInt(28) & 0xffffffffL;
        int width = header.getShort(wide ? 54 : 42) & 0xffff;
        int count = header.getShort(wide ? 56 : 44) & 0xffff;
        check(count <= MOST_SEGMENTS && (count == 0 || width == (wide ? 56 : 32)));
        ByteBuffer table = at(offset, width * count);
        for (int at = 0; at < width * count; at += width) {
            segments.add(
                    wide
                            ? new Segment(
                                    table.getInt(at),
                                    table.getLong(at + 8),
                                    table.getLong(at + 16),
                                    table.getLong(at + 32))
                            : new Segment(
                                    table.getInt(at),
                                    table.getInt(at + 4) & 0xffffffffL,
                                    table.getInt(at + 8) & 0xffffffffL,
                                    table.getInt(at + 16) & 0xffffffffL));
        }
    }

    private Optional<Segment> first(int type) {
        return segments.stream().filter(segment -> segment.type() == type).findFirst();
    }

    private Optional<String> interpreter() throws IOException, Damaged {
        Optional<Segment> segment = first(INTERPRETER);
        if (segment.isEmpty()) {
            return Optional.empty();
        }
        check(segment.get().length() > 0 && segment.get().length() <= LONGEST_TEXT);
        return Optional.of(text(segment.get().offset(), segment.get().length()));
    }

    private List<Entry> entries() throws IOException, Damaged {
        Optional<Segment> segment = first(DYNAMIC);
        List<Entry> entries = new ArrayList<>();
        if (segment.isEmpty()) {
            return entries;
        }
        int width = wide ? 16 : 8;
        long length = segment.get().length();
        check(length >= 0 && length <= (long) MOST_ENTRIES * width);
        ByteBuffer table = at(segment.get().offset(), (int) length);
        for (int at = 0; at + width <= length; at += width) {
            Entry entry = wide
                    ? new Entry(table.getLong(at), table.getLong(at + 8))
                    : new Entry(table.getInt(at), table.getInt(at + 4) & 0xffffffffL);
            if (entry.tag() == 0) {
                break;
            }
            entries.add(entry);
        }
        return entries;
    }

    private List<String> needed(List<Entry> entries) throws IOException, Damaged {
        List<String> needed = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry.tag() == DT_NEEDED) {
                check(needed.size() < MOST_NEEDED);
                needed.add(string(entries, entry.value()));
            }
        }
        return needed;
    }

    private Optional<String> text(List<Entry> entries, int tag) throws IOException, Damaged {
        for (Entry entry : entries) {
            if (entry.tag() == tag) {
                return Optional.of(string(entries, entry.value()));
            }
        }
        return Optional.empty();
    }

    private String string(List<Entry> entries, long offset) throws IOException, Damaged {
        long table = -1;
        for (Entry entry : entries) {
            table = entry.tag() == DT_STRTAB ? entry.value() : table;
        }
        long address = table + offset;
        check(table >= 0 && offset >= 0 && address >= 0);
        for (Segment segment : segments) {
            long inside = address - segment.address();
            if (segment.type() == LOAD && inside >= 0 && inside < segment.length()) {
                long place = segment.offset() + inside;
                check(segment.offset() >= 0 && place >= 0 && place < size);
                return text(place, Math.min(Math.min(LONGEST_TEXT, size - place), segment.length() - inside));
            }
        }
        throw new Damaged();
    }

    /// Up to the NUL that must be there.
    private String text(long offset, long most) throws IOException, Damaged {
        ByteBuffer bytes = at(offset, (int) most);
        int end = 0;
        while (end < most && bytes.get(end) != 0) {
            end++;
        }
        check(end < most);
        return StandardCharsets.UTF_8.decode(bytes.slice(0, end)).toString();
    }

    private ByteBuffer at(long offset, int length) throws IOException, Damaged {
        check(offset >= 0 && length >= 0 && offset <= size - length);
        ByteBuffer bytes = ByteBuffer.allocate(length).order(order);
        while (bytes.hasRemaining()) {
            check(file.read(bytes, offset + bytes.position()) >= 0);
        }
        return bytes.flip();
    }

    private static void check(boolean holds) throws Damaged {
        if (!holds) {
            throw new Damaged();
        }
    }
}
