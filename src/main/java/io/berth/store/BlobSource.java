package io.berth.store;

import java.io.InputStream;

/// Where a blob's bytes come from.
@FunctionalInterface
public interface BlobSource {
    /// @param fromByte offset of the first byte wanted, for a transfer that goes on
    InputStream open(long fromByte);
}
