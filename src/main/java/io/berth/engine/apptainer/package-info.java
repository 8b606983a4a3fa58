/// S1: Apptainer or Singularity.
@NullMarked
package io.berth.engine.apptainer;

import org.jspecify.annotations.NullMarked;
