/// One interface that reports bytes done. Knows no other room; `cli` draws it.
@NullMarked
package io.berth.progress;

import org.jspecify.annotations.NullMarked;
