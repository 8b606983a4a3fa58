/// The distribution protocol: finds the manifest that a name means, and streams blobs. Knows nothing of where blobs go.
/// Start with [io.berth.registry.RegistryClient]; one request is a [io.berth.registry.Endpoint], which
/// [io.berth.registry.RegistryCaller] sends with retries, authorization and redirects.
@NullMarked
package io.berth.registry;

import org.jspecify.annotations.NullMarked;
