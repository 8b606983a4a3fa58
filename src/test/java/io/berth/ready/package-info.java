/// Tests of trees that are made ready for F modes.
@NullMarked
package io.berth.ready;

import org.jspecify.annotations.NullMarked;
