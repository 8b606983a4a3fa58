package io.berth.fake;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes small ELF files: headers, an interpreter, a dynamic segment, and no code.
///
/// @param interpreter null for a library or a static program
/// @param dynamic whether it has a dynamic segment
public record ElfFixture(
        boolean wide,
        ByteOrder order,
        int machine,
        @Nullable String interpreter,
        boolean dynamic,
        List<String> needed,
        @Nullable String rpath,
        @Nullable String runpath) {
    private static final int DYNAMIC_AT = 512;
    private static final int STRINGS_AT = 1024;
    private static final int INTERPRETER_AT = 2048;
    private static final int NOTES_AT = 2304;
    private static final int ADDRESS = 0x40_0000;
    public static final int SIZE = 2560;

    public static ElfFixture program(String interpreter) {
        return new ElfFixture(
                true, ByteOrder.LITTLE_ENDIAN, 62, interpreter, true, List.of("libm.so.6", "libc.so.6"), null, null);
    }

    public static ElfFixture fixedProgram() {
        return new ElfFixture(true, ByteOrder.LITTLE_ENDIAN, 62, null, false, List.of(), null, null);
    }

    public byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(SIZE).order(order);
        out.put(0, new byte[] {
            0x7f, 'E', 'L', 'F', (byte) (wide ? 2 : 1), (byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2), 1
        });
        out.putShort(16, (short) (interpreter == null && dynamic ? 3 : 2)).putShort(18, (short) machine);
        List<long[]> segments = new ArrayList<>();
        segments.add(new long[] {1, 0, ADDRESS, SIZE});
        if (interpreter != null) {
            byte[] text = (interpreter + "\0").getBytes(StandardCharsets.UTF_8);
            out.put(INTERPRETER_AT, text);
            segments.add(new long[] {3, INTERPRETER_AT, ADDRESS + INTERPRETER_AT, text.length});
        }
        if (dynamic) {
            segments.add(new long[] {2, DYNAMIC_AT, ADDRESS + DYNAMIC_AT, putDynamic(out)});
        }
        int table = wide ? 64 : 52;
        int width = wide ? 56 : 32;
        out.putShort(wide ? 54 : 42, (short) width).putShort(wide ? 56 : 44, (short) segments.size());
        number(out, wide ? 32 : 28, table);
        for (long[] segment : segments) {
            out.putInt(table, (int) segment[0]);
            number(out, table + (wide ? 8 : 4), segment[1]);
            number(out, table + (wide ? 16 : 8), segment[2]);
            number(out, table + (wide ? 32 : 16), segment[3]);
            table += width;
        }
        return out.array();
    }

    /// A C library that wants a kernel: behind another note, as linkers leave it.
    public static byte[] library(int major, int minor) {
        byte[] bytes = new ElfFixture(true, ByteOrder.LITTLE_ENDIAN, 62, null, true, List.of(), null, null).bytes();
        ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        byte[] name = "GNU\0".getBytes(StandardCharsets.US_ASCII);
        out.position(NOTES_AT).putInt(4).putInt(5).putInt(3).put(name).putLong(7);
        out.putInt(4)
                .putInt(16)
                .putInt(1)
                .put(name)
                .putInt(0)
                .putInt(major)
                .putInt(minor)
                .putInt(0);
        int length = out.position() - NOTES_AT;
        int count = out.getShort(56);
        int segment = 64 + 56 * count;
        out.putShort(56, (short) (count + 1)).putInt(segment, 4);
        out.putLong(segment + 8, NOTES_AT)
                .putLong(segment + 16, ADDRESS + NOTES_AT)
                .putLong(segment + 32, length);
        return bytes;
    }

    private int putDynamic(ByteBuffer out) {
        List<long[]> entries = new ArrayList<>();
        StringBuilder strings = new StringBuilder("\0");
        for (String name : needed) {
            entries.add(new long[] {1, add(strings, name)});
        }
        if (rpath != null) {
            entries.add(new long[] {15, add(strings, rpath)});
        }
        if (runpath != null) {
            entries.add(new long[] {29, add(strings, runpath)});
        }
        entries.add(new long[] {5, ADDRESS + STRINGS_AT});
        entries.add(new long[] {0, 0});
        out.put(STRINGS_AT, strings.toString().getBytes(StandardCharsets.UTF_8));
        int at = DYNAMIC_AT;
        for (long[] entry : entries) {
            number(out, at, entry[0]);
            number(out, at + (wide ? 8 : 4), entry[1]);
            at += wide ? 16 : 8;
        }
        return at - DYNAMIC_AT;
    }

    private static int add(StringBuilder strings, String text) {
        int at = strings.length();
        strings.append(text).append('\0');
        return at;
    }

    private void number(ByteBuffer out, int at, long value) {
        if (wide) {
            out.putLong(at, value);
        } else {
            out.putInt(at, (int) value);
        }
    }
}
