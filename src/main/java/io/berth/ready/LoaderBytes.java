package io.berth.ready;

import java.nio.charset.StandardCharsets;
import java.util.List;

/// The loader of glibc without the folders and files of the host that are built into it.
///
/// Each whole string is replaced by one of the same length that names nothing, so that no offset moves. What the
/// loader calls itself stays.
final class LoaderBytes {
    private LoaderBytes() {}

    /// @param machine as `uname -m` says it
    static byte[] neutral(byte[] loader, String machine) {
        byte[] bytes = loader.clone();
        List<String> known = List.of(
                "/etc/ld.so.cache",
                "/etc/ld.so.preload",
                "/lib/" + machine + "-linux-gnu/",
                "/usr/lib/" + machine + "-linux-gnu/",
                "/lib/",
                "/usr/lib/",
                "/lib64/",
                "/usr/lib64/");
        known.forEach(text -> replace(bytes, text.getBytes(StandardCharsets.US_ASCII)));
        return bytes;
    }

    /// A string begins where no character of a path is before it, and ends with a NUL.
    private static void replace(byte[] bytes, byte[] text) {
        for (int at = 0; at + text.length < bytes.length; at++) {
            if (bytes[at] == '/'
                    && matches(bytes, at, text)
                    && bytes[at + text.length] == 0
                    && (at == 0 || !isOfPath(bytes[at - 1]))) {
                bytes[at + 1] = '~';
            }
        }
    }

    private static boolean matches(byte[] bytes, int at, byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (bytes[at + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOfPath(byte b) {
        return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || "_./-".indexOf(b) >= 0;
    }
}
