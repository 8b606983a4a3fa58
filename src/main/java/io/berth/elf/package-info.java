/// What programs and libraries are: ELF files, scripts, and the C library of a tree. Reads, and runs nothing.
/// Start with [io.berth.elf.ImageFacts].
@NullMarked
package io.berth.elf;

import org.jspecify.annotations.NullMarked;
