package io.berth.layer;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One layer's archive, as the inflating thread delivers it. Faults of that thread come out of the reading methods.
final class LayerStream extends TarBytes {
    private final InflatePipeline pipeline;
    private Piece.@Nullable Bytes piece;
    private boolean ended;

    LayerStream(InflatePipeline pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    @Nullable
    ByteBuffer current() {
        while (!ended && (piece == null || !piece.buffer().hasRemaining())) {
            if (piece != null) {
                pipeline.giveBack(piece);
                piece = null;
            }
            // no switch over types: what it makes at run time no AOT cache can hold, and costs each start milliseconds
            Piece next = pipeline.take();
            if (next instanceof Piece.Failure(var why)) {
                throw why;
            }
            if (next instanceof Piece.Bytes bytes) {
                piece = bytes;
            } else {
                ended = true;
            }
        }
        return piece == null ? null : piece.buffer();
    }
}
