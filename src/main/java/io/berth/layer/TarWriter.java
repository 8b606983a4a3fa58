package io.berth.layer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/// Writes an archive in GNU tar's format: every name of any bytes and length, every size.
///
/// Source: GNU tar 1.34 manual, "Basic Tar Format". Entries belong to root, as in images, unless another owner is
/// named.
final class TarWriter {
    private static final String LONG_NAME = "././@LongLink";
    private static final int NAME_ROOM = 100;
    private static final long LARGEST_OCTAL = 077777777777L;
    private static final int END_RECORDS = 2;

    private final OutputStream out;
    private final byte[] record = new byte[TarReader.RECORD];
    private long uid;
    private long gid;

    TarWriter(OutputStream out) {
        this.out = out;
    }

    /// Whose the next entries are.
    void owner(long user, long group) {
        uid = user;
        gid = group;
    }

    /// The contents of `size` bytes are then written to the stream by the caller, who ends them with [#pad].
    ///
    /// @param name bytes, see [ByteName]; so is `link`
    void header(String name, char type, int mode, long size, long modifiedSeconds, String link) throws IOException {
        longText('L', name);
        longText('K', link);
        put(name, type, mode, size, modifiedSeconds, link);
    }

    private void longText(char type, String text) throws IOException {
        if (text.length() > NAME_ROOM) {
            byte[] bytes = Arrays.copyOf(ByteName.bytes(text), text.length() + 1);
            put(LONG_NAME, type, 0644, bytes.length, 0, "");
            out.write(bytes);
            pad(bytes.length);
        }
    }

    private void put(String name, char type, int mode, long size, long modifiedSeconds, String link)
            throws IOException {
        Arrays.fill(record, (byte) 0);
        text(0, name, NAME_ROOM);
        number(100, 8, mode);
        number(108, 8, uid);
        number(116, 8, gid);
        number(124, 12, size);
        number(136, 12, modifiedSeconds);
        record[156] = (byte) type;
        text(157, link, NAME_ROOM);
        text(257, "ustar  ", 7);
        Arrays.fill(record, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : record) {
            sum += b & 0xFF;
        }
        octal(148, 7, sum);
        out.write(record);
    }

    /// Fills the last record after so many bytes of contents.
    void pad(long size) throws IOException {
        out.write(new byte[(int) (-size & (TarReader.RECORD - 1))]);
    }

    void end() throws IOException {
        out.write(new byte[END_RECORDS * TarReader.RECORD]);
    }

    private void text(int at, String text, int room) {
        byte[] bytes = ByteName.bytes(text);
        System.arraycopy(bytes, 0, record, at, Math.min(room, bytes.length));
    }

    private void number(int at, int length, long value) {
        if (value < 0 || value > LARGEST_OCTAL) {
            for (int i = at + length - 1, shift = 0; i >= at; i--, shift += 8) {
                record[i] = (byte) (shift > 63 ? value >> 63 : value >> shift);
            }
            record[at] |= (byte) 0x80;
        } else {
            octal(at, length, value);
        }
    }

    private void octal(int at, int length, long value) {
        long rest = value;
        for (int i = at + length - 2; i >= at; i--) {
            record[i] = (byte) ('0' + (rest & 7));
            rest >>>= 3;
        }
    }
}
