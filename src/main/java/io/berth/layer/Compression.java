package io.berth.layer;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/// How an archive is packed, told by its first bytes.
///
/// Source: RFC 1952 section 2.3.1; RFC 8878 sections 3.1.1 and 3.1.2 (skippable frames).
public enum Compression {
    GZIP,
    ZSTD,
    NONE,
    XZ,
    BZIP2;

    private static final int BUFFER = 1 << 16;
    /// The longest window that `zstd --long` can make; its memory is outside the heap and used only as it fills.
    private static final int LONGEST_WINDOW_LOG = 31;

    /// Errors: CORRUPT for what no layer is packed with.
    public static InputStream inflate(InputStream packed) throws IOException {
        BufferedInputStream in = new BufferedInputStream(packed, BUFFER);
        in.mark(8);
        byte[] magic = in.readNBytes(6);
        in.reset();
        return switch (of(magic)) {
            case GZIP -> new GZIPInputStream(in, BUFFER);
            case ZSTD -> new ZstdInputStream(in).setLongMax(LONGEST_WINDOW_LOG);
            case NONE -> in;
            case XZ -> throw Corrupt.archive("it is packed with xz; a layer is gzip, zstd or plain tar");
            case BZIP2 -> throw Corrupt.archive("it is packed with bzip2; a layer is gzip, zstd or plain tar");
        };
    }

    static Compression of(byte[] magic) {
        if (startsWith(magic, 0x1F, 0x8B)) {
            return GZIP;
        }
        boolean skippable =
                magic.length >= 4 && (magic[0] & 0xF0) == 0x50 && startsWith(magic, magic[0], 0x2A, 0x4D, 0x18);
        if (skippable || startsWith(magic, 0x28, 0xB5, 0x2F, 0xFD)) {
            return ZSTD;
        }
        if (startsWith(magic, 0xFD, '7', 'z', 'X', 'Z', 0)) {
            return XZ;
        }
        return startsWith(magic, 'B', 'Z', 'h') ? BZIP2 : NONE;
    }

    private static boolean startsWith(byte[] bytes, int... wanted) {
        if (bytes.length < wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (bytes[i] != (byte) wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
