package io.berth.registry.auth;

/// Fetches a bearer token. Implementations are safe for use by several threads at once and keep nothing:
/// the registry client remembers tokens.
public interface TokenService {
    /// The bare token, without `Bearer`.
    ///
    /// Errors: NOT_ALLOWED when the service refuses (wrong password); UNREACHABLE when it does not answer; CORRUPT
    /// when the answer has no token.
    String token(TokenRequest request);
}
