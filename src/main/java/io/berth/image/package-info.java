/// Vocabulary: references, digests, manifests, platforms. Values only, no input or output.
/// Start with [io.berth.image.ImageReference] and [io.berth.image.Manifest]; `json` reads the wire formats.
@NullMarked
package io.berth.image;

import org.jspecify.annotations.NullMarked;
