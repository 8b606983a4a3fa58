/// The udocker repository on disk: tags, layers, containers. Takes streams, not clients.
/// Start with [io.berth.store.Repository] and [io.berth.store.RepositoryLayout].
@NullMarked
package io.berth.store;

import org.jspecify.annotations.NullMarked;
