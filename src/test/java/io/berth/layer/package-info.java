/// Tests of unpacking: hand-made archives, GNU tar beside us, and random stacks against a model.
@NullMarked
package io.berth.layer;

import org.jspecify.annotations.NullMarked;
