/// Reads all sources of settings, merges them, reports every problem at once.
@NullMarked
package io.berth.config;

import org.jspecify.annotations.NullMarked;
