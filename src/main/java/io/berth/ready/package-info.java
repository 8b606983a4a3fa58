/// Trees made ready for modes F1 to F4, in place or beside the original, and put back as they were.
/// Start with [io.berth.ready.TreePreparation].
@NullMarked
package io.berth.ready;

import org.jspecify.annotations.NullMarked;
