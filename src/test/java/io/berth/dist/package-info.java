/// Tests of what is shipped: the folder target/dist/berth, used as its users use it. Start with
/// [io.berth.dist.Berth]; [io.berth.dist.Lab] says what the tests share.
@NullMarked
package io.berth.dist;

import org.jspecify.annotations.NullMarked;
