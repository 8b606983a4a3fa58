package io.berth.boot;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.TokenAnswer;
import io.berth.registry.auth.TokenRequest;
import io.berth.registry.auth.TokenService;
import io.quarkus.rest.client.reactive.QuarkusRestClientBuilder;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.WebApplicationException;
import java.util.concurrent.TimeUnit;

/// Fetches bearer tokens with the Quarkus REST client. Most pulls from an open registry never come here, so Quarkus
/// is
/// started at the first token and not before. Redirects are not followed: a credential stays with the host it was
/// for.
final class TokenClient implements TokenService {
    private static final int LIMIT_SECONDS = 30;

    @Override
    public String token(TokenRequest request) {
        QuarkusOnDemand.start();
        String doing = "asking " + request.realm().getHost() + " for a token";
        try {
            TokenApi api = QuarkusRestClientBuilder.newBuilder()
                    .baseUri(request.realm())
                    .connectTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .readTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .followRedirects(false)
                    .build(TokenApi.class);
            String authorization = request.credential()
                    .map(credential -> credential.basic().reveal())
                    .orElse(null);
            TokenAnswer answer = api.token(request.service(), request.scope(), authorization);
            return answer.either()
                    .orElseThrow(() -> FaultException.of(
                            Fault.CORRUPT,
                            doing + ": the answer holds no token",
                            "check the registry's token service"));
        } catch (WebApplicationException e) {
            throw FaultException.of(
                    Fault.NOT_ALLOWED,
                    doing + ": refused (" + e.getResponse().getStatus() + ")",
                    "berth login, or check the spelling of the image",
                    e);
        } catch (ProcessingException e) {
            throw FaultException.of(
                    Fault.UNREACHABLE,
                    doing + ": "
                            + (e.getCause() == null
                                    ? e.getMessage()
                                    : e.getCause().getMessage()),
                    "check the network and the registry's token service",
                    e);
        }
    }
}
