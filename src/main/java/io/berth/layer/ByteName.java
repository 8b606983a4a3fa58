package io.berth.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/// Names and link targets as Linux has them: bytes, one in each char of a string. Java's own names are text, and there
/// are files whose names are none in any one encoding.
final class ByteName {
    private static final char REPLACEMENT = '\uFFFD';

    private ByteName() {}

    static String of(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, ISO_8859_1);
    }

    static byte[] bytes(String name) {
        return name.getBytes(ISO_8859_1);
    }

    /// As text for people; control characters and what is no UTF-8 are replaced.
    static String shown(String name) {
        return SkippedEntries.printable(new String(bytes(name), UTF_8));
    }

    /// The name of a file in that folder.
    static Path in(Path folder, String name) {
        return folder.resolve(path(name));
    }

    /// Errors: InvalidPathException when a NUL is in it, which no name can hold.
    static Path path(String name) {
        if (isAscii(name)) {
            return Path.of(name);
        }
        if (name.indexOf('\0') >= 0) {
            throw new InvalidPathException(shown(name), "Nul character not allowed");
        }
        // the one way to a path by its bytes
        Path absolute = Path.of(URI.create("file://" + (name.startsWith("/") ? "" : "/") + escaped(name)));
        return name.startsWith("/") ? absolute : absolute.subpath(0, absolute.getNameCount());
    }

    /// Of a path, relative or absolute, as a folder's listing or a link gives it.
    static String of(Path path) {
        String text = path.toString();
        if (isAscii(text)) {
            return text;
        }
        return text.indexOf(REPLACEMENT) < 0 ? new String(text.getBytes(UTF_8), ISO_8859_1) : unescaped(path);
    }

    private static String unescaped(Path path) {
        String raw = path.toUri().getRawPath();
        if (!path.isAbsolute()) {
            raw = raw.substring(folderUri().length());
        }
        // a slash tells that it is a folder at present
        raw = raw.endsWith("/") && !path.toString().endsWith("/") ? raw.substring(0, raw.length() - 1) : raw;
        StringBuilder bytes = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c == '%') {
                bytes.append((char) Integer.parseInt(raw, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.append(c);
            }
        }
        return bytes.toString();
    }

    private static String folderUri() {
        String folder = Path.of("").toUri().getRawPath();
        return folder.endsWith("/") ? folder : folder + "/";
    }

    private static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/';
            text.append(plain ? c : String.format(Locale.ROOT, "%%%02X", (int) c));
        }
        return text.toString();
    }

    private static boolean isAscii(String name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
    }
}
