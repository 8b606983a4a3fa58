/// What to run: command, mounts, environment, user. Every default is resolved in [io.berth.container.SpecResolution].
@NullMarked
package io.berth.container;

import org.jspecify.annotations.NullMarked;
