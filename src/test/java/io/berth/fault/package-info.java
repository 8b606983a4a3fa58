@NullMarked
package io.berth.fault;

import org.jspecify.annotations.NullMarked;
