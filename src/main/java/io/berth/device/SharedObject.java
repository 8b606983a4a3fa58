package io.berth.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/// A library file: for which processor, and by which name programs ask for it.
///
/// Source: System V ABI, "Object Files" and "Dynamic Section".
///
/// @param bits 32 or 64
/// @param machine as e_machine numbers it
/// @param name its SONAME; empty when it has none
record SharedObject(int bits, int machine, String name) {
    private static final int MOST_HEADERS = 64;
    private static final int MOST_BYTES = 1 << 16;
    private static final int LOAD = 1;
    private static final int DYNAMIC = 2;
    private static final int STRING_TABLE = 5;
    private static final int SONAME = 14;

    /// Absent when it is no such file, or damaged.
    static Optional<SharedObject> read(Path file) {
        try (FileChannel channel = FileChannel.open(file)) {
            return new Reader(channel).read();
        } catch (IOException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    boolean isForThisMachine() {
        String machineName = System.getProperty("os.arch", "");
        return switch (machineName) {
            case "amd64" -> machine == (bits == 64 ? 62 : 3);
            case "aarch64" -> machine == (bits == 64 ? 183 : 40);
            default -> bits == 64;
        };
    }

    private static final class Reader {
        private final FileChannel channel;
        private ByteOrder order = ByteOrder.LITTLE_ENDIAN;
        private boolean wide;

        Reader(FileChannel channel) {
            this.channel = channel;
        }

        Optional<SharedObject> read() throws IOException {
            ByteBuffer head = bytes(0, 64);
            if (head.limit() < 52 || head.getInt(0) != 0x464c457f) {
                return Optional.empty();
            }
            wide = head.get(4) == 2;
            order = head.get(5) == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            head.order(order);
            long table = wide ? head.getLong(32) : Integer.toUnsignedLong(head.getInt(28));
            int size = head.getShort(wide ? 54 : 42);
            int count = Math.min(head.getShort(wide ? 56 : 44) & 0xffff, MOST_HEADERS);
            String name = size <= 0 || size > 256 ? "" : soname(bytes(table, size * count), size, count);
            return Optional.of(new SharedObject(wide ? 64 : 32, head.getShort(18) & 0xffff, name));
        }

        private String soname(ByteBuffer headers, int size, int count) throws IOException {
            for (int i = 0; i < count; i++) {
                if (headers.getInt(i * size) == DYNAMIC) {
                    long offset = number(headers, i * size + (wide ? 8 : 4));
                    long length = number(headers, i * size + (wide ? 32 : 16));
                    return soname(headers, size, count, bytes(offset, (int) Math.clamp(length, 0L, MOST_BYTES)));
                }
            }
            return "";
        }

        private String soname(ByteBuffer headers, int size, int count, ByteBuffer dynamic) throws IOException {
            long strings = -1;
            long name = -1;
            int word = wide ? 8 : 4;
            for (int at = 0; at + 2 * word <= dynamic.limit(); at += 2 * word) {
                long tag = number(dynamic, at);
                if (tag == STRING_TABLE) {
                    strings = number(dynamic, at + word);
                } else if (tag == SONAME) {
                    name = number(dynamic, at + word);
                }
            }
            if (strings < 0 || name < 0) {
                return "";
            }
            ByteBuffer text = bytes(inFile(headers, size, count, strings) + name, 256);
            int end = 0;
            while (end < text.limit() && text.get(end) != 0) {
                end++;
            }
            byte[] letters = new byte[end];
            text.get(0, letters);
            return new String(letters, StandardCharsets.UTF_8);
        }

        /// An address as it will be in memory, as a place in the file.
        private long inFile(ByteBuffer headers, int size, int count, long address) {
            for (int i = 0; i < count; i++) {
                int at = i * size;
                long start = number(headers, at + (wide ? 16 : 8));
                long length = number(headers, at + (wide ? 32 : 16));
                if (headers.getInt(at) == LOAD && address >= start && address < start + length) {
                    return address - start + number(headers, at + (wide ? 8 : 4));
                }
            }
            return address;
        }

        private long number(ByteBuffer buffer, int at) {
            return wide ? buffer.getLong(at) : Integer.toUnsignedLong(buffer.getInt(at));
        }

        private ByteBuffer bytes(long from, int count) throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(Math.max(0, count)).order(order);
            long at = from;
            while (buffer.hasRemaining() && at >= 0) {
                int read = channel.read(buffer, at);
                if (read <= 0) {
                    break;
                }
                at += read;
            }
            return buffer.flip();
        }
    }
}
