@NullMarked
package io.berth.device;

import org.jspecify.annotations.NullMarked;
