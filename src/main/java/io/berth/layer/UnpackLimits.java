package io.berth.layer;

/// Bounds that no honest image reaches; beyond them unpacking stops with CORRUPT.
///
/// @param entries of all layers together
/// @param bytes of all layers together, uncompressed; holes of sparse files count
/// @param depth folders in one name
/// @param ratio uncompressed to compressed bytes of one layer, looked at once 100 MB have come out
public record UnpackLimits(long entries, long bytes, int depth, long ratio) {
    /// gzip cannot exceed 1032 to 1, and sparse log files in images do come near that.
    public static UnpackLimits defaults() {
        return new UnpackLimits(20_000_000, 1L << 40, 256, 2_000);
    }
}
