/// R1 by our own launcher.
@NullMarked
package io.berth.engine.namespace;

import org.jspecify.annotations.NullMarked;
