@NullMarked
package io.berth.registry.http;

import org.jspecify.annotations.NullMarked;
