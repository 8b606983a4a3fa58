package io.berth.registry.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/// Who someone is at one registry.
public record Credential(String username, Secret password) {
    /// The value of an `Authorization` header of scheme Basic.
    ///
    /// Source: RFC 7617, section 2, with UTF-8.
    public Secret basic() {
        byte[] pair = (username + ":" + password.reveal()).getBytes(StandardCharsets.UTF_8);
        return new Secret("Basic " + Base64.getEncoder().encodeToString(pair));
    }
}
