@NullMarked
package io.berth.registry;

import org.jspecify.annotations.NullMarked;
