package io.berth.layer;

import io.berth.files.Folders;
import java.io.IOException;
import java.nio.file.Path;

/// Hides what lower layers made; what the layer itself made stays, in whatever order its entries come.
///
/// Source: OCI image-spec 1.1, layer.md, "Whiteouts". Names that begin with `.wh..wh.` are aufs's own and mean nothing,
/// but for the opaque marker.
final class Whiteouts {
    static final String PREFIX = ".wh.";
    private static final String META_PREFIX = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final Tree tree;
    private final LayerNames madeByThisLayer;
    private final int layer;

    Whiteouts(Tree tree, LayerNames madeByThisLayer, int layer) {
        this.tree = tree;
        this.madeByThisLayer = madeByThisLayer;
        this.layer = layer;
    }

    static boolean isWhiteout(EntryPath path) {
        return path.name().startsWith(PREFIX);
    }

    void apply(EntryPath marker) throws IOException {
        String name = marker.name();
        if (name.startsWith(META_PREFIX) && !name.equals(OPAQUE)) {
            return;
        }
        Folder parent = tree.find(marker.parent()).orElse(null);
        if (parent == null) {
            return;
        }
        if (name.equals(OPAQUE)) {
            hideContents(parent);
            return;
        }
        String hidden = name.substring(PREFIX.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw Corrupt.entry(marker.name(), "a whiteout that names nothing");
        }
        hide(parent, hidden);
    }

    private void hide(Folder parent, String name) throws IOException {
        if (parent.child(name) instanceof Folder folder && folder.isTouchedBy(layer)) {
            folder.forgetDescriptionUnlessBy(layer, tree.impliedMode());
            hideContents(folder);
        } else if (!madeByThisLayer.contains(parent, name)) {
            tree.replace(parent, name);
        }
    }

    private void hideContents(Folder folder) throws IOException {
        for (Path entry : Folders.entries(folder.path())) {
            hide(folder, ByteName.of(entry.getFileName()));
        }
    }
}
