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
            switch (pipeline.take()) {
                case Piece.Bytes bytes -> piece = bytes;
                case Piece.EndOfLayer _ -> ended = true;
                case Piece.Failure(var why) -> throw why;
            }
        }
        return piece == null ? null : piece.buffer();
    }
}
