/// R1 by crun or runc.
@NullMarked
package io.berth.engine.oci;

import org.jspecify.annotations.NullMarked;
