/// P modes: PRoot.
@NullMarked
package io.berth.engine.proot;

import org.jspecify.annotations.NullMarked;
