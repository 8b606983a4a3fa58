package io.berth.layer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Map;

/// Extended attributes: those of the `user.` kind are kept where the file system can; the others need privileges.
final class Attributes {
    private static final String USER = "user.";

    private Attributes() {}

    /// @param attributes names and values as bytes, see [ByteName]
    /// @return whether all are kept
    static boolean set(Path path, Map<String, String> attributes) {
        boolean all = true;
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(path, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        for (Map.Entry<String, String> attribute : attributes.entrySet()) {
            all &= attribute.getKey().startsWith(USER)
                    && view != null
                    && set(view, attribute.getKey().substring(USER.length()), attribute.getValue());
        }
        return all;
    }

    private static boolean set(UserDefinedFileAttributeView view, String name, String value) {
        try {
            String text = new String(ByteName.bytes(name), StandardCharsets.UTF_8);
            view.write(text, ByteBuffer.wrap(ByteName.bytes(value)));
            return true;
        } catch (IOException | IllegalArgumentException e) {
            return false; // this file system has none, or not so large ones
        }
    }
}
