/// Atomic writes, locks, folders: file work that several rooms share. Start with [io.berth.files.AtomicFile].
@NullMarked
package io.berth.files;

import org.jspecify.annotations.NullMarked;
