package io.berth.boot;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;
import org.jspecify.annotations.Nullable;

/// A registry's token service.
///
/// Source: distribution 2.8, "Token Authentication Specification".
@RegisterRestClient(configKey = "token")
public interface TokenApi {
    @GET
    Answer token(
            @QueryParam("service") String service,
            @QueryParam("scope") String scope,
            @HeaderParam("Authorization") @Nullable String authorization);

    /// Some services say `token`, some `access_token`, some both.
    @JsonIgnoreProperties(ignoreUnknown = true)
    record Answer(
            @JsonProperty("token") @Nullable String token,
            @JsonProperty("access_token") @Nullable String accessToken) {}
}
