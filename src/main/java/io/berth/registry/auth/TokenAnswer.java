package io.berth.registry.auth;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a token service answers, in JSON. Both names are in use for the same thing.
///
/// Source: distribution, "Token Authentication Specification", "Token Response Fields"; `access_token` for OAuth 2.0.
@JsonIgnoreProperties(ignoreUnknown = true)
public record TokenAnswer(
        @JsonProperty("token") @Nullable String token,
        @JsonProperty("access_token") @Nullable String accessToken) {
    public Optional<String> either() {
        return Optional.ofNullable(token)
                .filter(text -> !text.isBlank())
                .or(() -> Optional.ofNullable(accessToken).filter(text -> !text.isBlank()));
    }

    @Override
    public String toString() {
        return "***";
    }
}
