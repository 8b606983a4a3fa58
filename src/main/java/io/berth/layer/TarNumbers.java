package io.berth.layer;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/// Numbers as tar headers spell them.
///
/// Source: POSIX.1-2017 pax, "ustar Interchange Format" and "pax Header Block"; GNU tar 1.34, base-256 numbers.
final class TarNumbers {
    private TarNumbers() {}

    /// Octal digits among blanks and NULs, or a big-endian binary number whose first byte has its top bit set.
    ///
    /// Errors: NumberFormatException.
    static long field(byte[] header, int at, int length) {
        return (header[at] & 0x80) != 0 ? binary(header, at, length) : octal(header, at, length);
    }

    private static long octal(byte[] header, int at, int length) {
        long value = 0;
        int i = at;
        int end = at + length;
        while (i < end && (header[i] == ' ' || header[i] == 0)) {
            i++;
        }
        while (end > i && (header[end - 1] == ' ' || header[end - 1] == 0)) {
            end--;
        }
        for (; i < end; i++) {
            // what follows a blank or NUL is an old writer's rest
            if (header[i] == ' ' || header[i] == 0) {
                break;
            }
            if (header[i] < '0' || header[i] > '7' || value >>> 60 != 0) {
                throw new NumberFormatException("a number that is not octal");
            }
            value = value << 3 | (header[i] - '0');
        }
        return value;
    }

    private static long binary(byte[] header, int at, int length) {
        boolean negative = (header[at] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = at; i < at + length; i++) {
            int next = i == at ? (negative ? header[i] | 0x80 : header[i] & 0x3F) & 0xFF : header[i] & 0xFF;
            long shifted = value << 8;
            if (shifted >> 8 != value) {
                throw new NumberFormatException("a number that is too large");
            }
            value = shifted | next;
        }
        return value;
    }

    /// Errors: NumberFormatException.
    static long decimal(String text) {
        return Long.parseLong(text);
    }

    /// Seconds with a fraction, as pax headers have times; empty when it is none.
    static Optional<Instant> time(String text) {
        int dot = text.indexOf('.');
        String fraction = dot < 0 ? "" : text.substring(dot + 1);
        try {
            long seconds = Long.parseLong(dot < 0 ? text : text.substring(0, dot));
            String nine = (fraction + "000000000").substring(0, 9);
            long nanos = Integer.parseUnsignedInt(nine);
            boolean negative = text.startsWith("-");
            return Optional.of(Instant.ofEpochSecond(seconds, negative ? -nanos : nanos));
        } catch (NumberFormatException | DateTimeException e) {
            return Optional.empty();
        }
    }

    static boolean isChecksumGood(byte[] header) {
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < header.length; i++) {
            byte value = i >= 148 && i < 156 ? (byte) ' ' : header[i];
            unsigned += value & 0xFF;
            signed += value;
        }
        try {
            long said = octal(header, 148, 8);
            return said == unsigned || said == signed;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
