/// Reads the JSON forms of the image vocabulary.
@NullMarked
package io.berth.image.json;

import org.jspecify.annotations.NullMarked;
