/// F1 to F4: a preloaded library that rewrites paths.
@NullMarked
package io.berth.engine.fake;

import org.jspecify.annotations.NullMarked;
