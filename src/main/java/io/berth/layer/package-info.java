/// Turns the layers of an image into a tree: decompress, untar, whiteouts, path safety; and removes such trees.
///
/// Start with [io.berth.layer.LayerUnpacker]. `InflatePipeline` reads ahead in threads of its own, `LayerWriter` writes
/// one layer's entries, `Tree` is the only one that turns names from archives into paths.
@NullMarked
package io.berth.layer;

import org.jspecify.annotations.NullMarked;
