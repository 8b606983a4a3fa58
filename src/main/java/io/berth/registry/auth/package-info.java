/// Credentials, challenges and tokens. Values and interfaces only: who fetches a token is decided in `boot`.
/// Start with [io.berth.registry.auth.TokenService] and [io.berth.registry.auth.Challenge].
@NullMarked
package io.berth.registry.auth;

import org.jspecify.annotations.NullMarked;
