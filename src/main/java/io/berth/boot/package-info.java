/// Entry point and wiring of all objects; the only room besides `cli` that knows Quarkus and Picocli.
/// Start with [io.berth.boot.Main] and [io.berth.boot.Wiring].
@NullMarked
package io.berth.boot;

import org.jspecify.annotations.NullMarked;
