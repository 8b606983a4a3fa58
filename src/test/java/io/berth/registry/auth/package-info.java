@NullMarked
package io.berth.registry.auth;

import org.jspecify.annotations.NullMarked;
