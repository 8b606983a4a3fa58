package io.berth.boot;

import io.berth.registry.auth.TokenAnswer;
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
    TokenAnswer token(
            @QueryParam("service") String service,
            @QueryParam("scope") String scope,
            @HeaderParam("Authorization") @Nullable String authorization);
}
