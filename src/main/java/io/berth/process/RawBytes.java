package io.berth.process;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Words of a command line that are not UTF-8. Java has no text for such bytes, so the front hands byte `b` on as the
/// code point U+10FF00 + `b` (and a word that holds such a code point by itself byte by byte, in the same way).
public final class RawBytes {
    private static final int FIRST = 0x10FF80;
    private static final int LAST = 0x10FFFF;

    private RawBytes() {}

    /// Whether the text stands for bytes that are not UTF-8.
    public static boolean areIn(String text) {
        return text.codePoints().anyMatch(RawBytes::isByte);
    }

    /// The bytes as they were.
    static byte[] of(String text) {
        if (!areIn(text)) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        text.codePoints().forEach(point -> {
            if (isByte(point)) {
                bytes.write(point & 0xff);
            } else {
                bytes.writeBytes(Character.toString(point).getBytes(StandardCharsets.UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    private static boolean isByte(int point) {
        return point >= FIRST && point <= LAST;
    }
}
