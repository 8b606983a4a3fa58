package io.berth.layer;

import io.berth.fault.FaultException;
import java.nio.ByteBuffer;

/// What travels from the inflating thread to the writer.
sealed interface Piece {
    /// @param buffer borrowed, to be given back
    record Bytes(ByteBuffer buffer) implements Piece {}

    /// One layer is complete and, where its diff id is known, verified.
    record EndOfLayer() implements Piece {}

    /// Nothing comes after it.
    record Failure(FaultException why) implements Piece {}
}
