package io.berth.layer;

/// How a tree is to be made.
///
/// @param readOnly no write permission is left in the tree, for trees that several jobs share
/// @param standardMountPoints the folders and files that engines mount over are made where the image lacks them
public record UnpackOptions(boolean readOnly, boolean standardMountPoints, UnpackLimits limits) {
    /// A tree of one's own to change at will, as udocker makes it.
    public static UnpackOptions writable(UnpackLimits limits) {
        return new UnpackOptions(false, false, limits);
    }

    public static UnpackOptions writable() {
        return writable(UnpackLimits.defaults());
    }

    /// A tree that jobs share.
    public static UnpackOptions shared(UnpackLimits limits) {
        return new UnpackOptions(true, true, limits);
    }

    /// The same for a tree that one job has for itself.
    public UnpackOptions changeable() {
        return new UnpackOptions(false, standardMountPoints, limits);
    }

    public static UnpackOptions shared() {
        return shared(UnpackLimits.defaults());
    }
}
