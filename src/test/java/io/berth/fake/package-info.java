/// Test doubles that speak the real protocols, and generators of test images.
@NullMarked
package io.berth.fake;

import org.jspecify.annotations.NullMarked;
