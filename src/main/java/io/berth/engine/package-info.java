/// Execution modes: what this host can do, which mode to use, and how each starts a spec.
/// Start with [io.berth.engine.ModeChoice]; families live in packages of their own and do not know each other.
@NullMarked
package io.berth.engine;

import org.jspecify.annotations.NullMarked;
