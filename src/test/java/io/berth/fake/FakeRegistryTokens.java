package io.berth.fake;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.TokenAnswer;
import io.berth.registry.auth.TokenRequest;
import io.berth.registry.auth.TokenService;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

/// A plain token service for tests, without Quarkus.
public final class FakeRegistryTokens implements TokenService {
    @Override
    public String token(TokenRequest request) {
        String query = "?service=" + encoded(request.service()) + "&scope=" + encoded(request.scope());
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(request.realm() + query).toURL().openConnection();
            request.credential()
                    .ifPresent(credential -> connection.setRequestProperty(
                            "Authorization", credential.basic().reveal()));
            if (connection.getResponseCode() != 200) {
                throw FaultException.of(
                        Fault.NOT_ALLOWED,
                        "asking " + request.realm().getAuthority() + " for a token: access denied ("
                                + connection.getResponseCode() + ")",
                        "log in again");
            }
            TokenAnswer answer = new ObjectMapper().readValue(connection.getInputStream(), TokenAnswer.class);
            return answer.either().orElseThrow();
        } catch (IOException e) {
            throw FaultException.io("asking for a token", e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
