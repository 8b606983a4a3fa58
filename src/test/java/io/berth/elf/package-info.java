/// Tests of what is read of programs and trees.
@NullMarked
package io.berth.elf;

import org.jspecify.annotations.NullMarked;
