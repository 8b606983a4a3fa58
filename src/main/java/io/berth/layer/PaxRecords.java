package io.berth.layer;

import java.util.Map;

/// The records of a pax header: `LENGTH KEY=VALUE\n`, values as bytes.
///
/// Source: POSIX.1-2017 pax, "pax Extended Header"; GNU tar 1.34 for sparse files of version 0.0, whose keys repeat.
final class PaxRecords {
    private PaxRecords() {}

    /// Errors: NumberFormatException when the text has not that form.
    static void read(byte[] text, Map<String, String> into) {
        StringBuilder map = new StringBuilder();
        int at = 0;
        while (at < text.length) {
            int blank = indexOf(text, at, text.length, ' ');
            int length = Integer.parseInt(ByteName.of(text, at, blank));
            if (length <= blank - at || length > text.length - at || text[at + length - 1] != '\n') {
                throw new NumberFormatException("a pax header whose lengths are wrong");
            }
            int end = at + length;
            int equals = indexOf(text, blank + 1, end - 1, '=');
            String key = ByteName.of(text, blank + 1, equals);
            String value = ByteName.of(text, equals + 1, end - 1);
            if (key.equals("GNU.sparse.offset") || key.equals("GNU.sparse.numbytes")) {
                map.append(map.isEmpty() ? "" : ",").append(value);
            } else {
                put(into, key, value);
            }
            at = end;
        }
        if (!map.isEmpty()) {
            into.put("GNU.sparse.map", map.toString());
        }
    }

    /// An empty value takes back what a global header said.
    private static void put(Map<String, String> into, String key, String value) {
        if (value.isEmpty() && !key.startsWith("SCHILY.xattr.")) {
            into.remove(key);
        } else {
            into.put(key, value);
        }
    }

    private static int indexOf(byte[] text, int from, int to, char wanted) {
        for (int i = from; i < to; i++) {
            if (text[i] == wanted) {
                return i;
            }
        }
        throw new NumberFormatException("a pax header without '" + wanted + "'");
    }
}
