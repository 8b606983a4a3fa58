/// What went wrong, in terms a user can act on. Knows no other room. Start with [io.berth.fault.Fault].
@NullMarked
package io.berth.fault;

import org.jspecify.annotations.NullMarked;
