package io.berth.layer;

import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A folder of the tree that is known to be one (no link), with what its entry said of it.
///
/// Keeps what is known of its children that matters on the way to others: folders and links, not files.
final class Folder implements Known {
    private final Path path;
    private final @Nullable Folder parent;
    private final long id;
    private @Nullable Map<String, Known> children;
    private int modeOnDisk;
    private int mode;
    private @Nullable FileTime modified;
    private int layer = -1;
    private int describedBy = -1;

    /// @param mode as it was made with, permission bits only
    Folder(Path path, @Nullable Folder parent, long id, int mode) {
        this.path = path;
        this.parent = parent;
        this.id = id;
        this.mode = mode;
        this.modeOnDisk = mode;
    }

    Path path() {
        return path;
    }

    /// The root is its own parent, as in a changed root.
    Folder parent() {
        return parent == null ? this : parent;
    }

    /// Unique in the tree, also over time.
    long id() {
        return id;
    }

    @Nullable
    Known child(String name) {
        return children == null ? null : children.get(name);
    }

    void know(String name, Known child) {
        if (children == null) {
            children = new HashMap<>();
        }
        children.put(name, child);
    }

    /// What was known below that name, all the way down, counts no more.
    void forget(String name) {
        if (children != null) {
            children.remove(name);
        }
    }

    Iterable<Known> known() {
        return children == null ? List.of() : children.values();
    }

    /// An entry says how this folder shall be in the end.
    void describe(int wantedMode, FileTime modifiedAt, int layerIndex) {
        mode = wantedMode;
        modified = modifiedAt;
        describedBy = layerIndex;
        touch(layerIndex);
    }

    /// What lower layers said of it is hidden: unless that layer has an entry for it, it is merely implied.
    void forgetDescriptionUnlessBy(int layerIndex, int impliedMode) {
        if (describedBy != layerIndex) {
            mode = impliedMode;
            modified = null;
        }
    }

    int mode() {
        return mode;
    }

    int modeOnDisk() {
        return modeOnDisk;
    }

    void wasMadeWith(int actualMode) {
        modeOnDisk = actualMode;
    }

    @Nullable
    FileTime modified() {
        return modified;
    }

    /// This folder, and so all above it, has something of that layer.
    void touch(int layerIndex) {
        for (Folder at = this; at != null && at.layer != layerIndex; at = at.parent) {
            at.layer = layerIndex;
        }
    }

    boolean isTouchedBy(int layerIndex) {
        return layer == layerIndex;
    }
}
