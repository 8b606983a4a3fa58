package io.berth.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.registry.auth.TokenRequest;
import io.berth.registry.auth.TokenService;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// Fetches bearer tokens the way everything is fetched: the same proxies, authorities and retries. Redirects are not
/// followed: a password stays with the host it was for.
///
/// Source: distribution, "Token Authentication Specification"; some services say `access_token` (OAuth 2.0).
record Tokens(Transport transport, Retries retries) implements TokenService {
    private static final int MAX_BYTES = 1 << 20;

    @Override
    public String token(TokenRequest request) {
        String host = request.realm().getRawAuthority();
        String doing = "asking " + host + " for a token";
        return retries.answer(doing, host, () -> ask(request, doing), answer -> tokenIn(answer, doing));
    }

    private Answer ask(TokenRequest request, String doing) throws UnreachedException {
        Map<String, String> headers = request.credential()
                .map(credential -> Map.of("Authorization", credential.basic().reveal()))
                .orElse(Map.of());
        Answer answer = transport.get(uri(request), headers);
        if (answer.status() != 400 && answer.status() != 401 && answer.status() != 403) {
            return answer;
        }
        Refusal refusal = Refusal.read(answer);
        answer.close();
        throw FaultException.of(
                Fault.NOT_ALLOWED,
                doing + ": refused (" + refusal.status() + ")"
                        + (refusal.says().isEmpty() ? "" : ": " + refusal.says()),
                request.credential().isPresent()
                        ? "log in again with berth login, or check the spelling of the image"
                        : "berth login, or check the spelling of the image");
    }

    private static URI uri(TokenRequest request) {
        StringBuilder query = new StringBuilder();
        if (!request.service().isEmpty()) {
            query.append("&service=").append(encoded(request.service()));
        }
        for (String scope : request.scope().strip().split("\\s+")) {
            query.append(scope.isEmpty() ? "" : "&scope=" + encoded(scope));
        }
        String realm = request.realm().toString().replaceFirst("#.*$", "");
        return URI.create(query.isEmpty() ? realm : realm + (realm.indexOf('?') < 0 ? "?" : "&") + query.substring(1));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String tokenIn(Answer answer, String doing) throws IOException {
        JsonNode fields = JsonAnswer.read(answer, MAX_BYTES, doing);
        String token = fields.path("token").asText("");
        String either = token.isBlank() ? fields.path("access_token").asText("") : token;
        if (either.isBlank()) {
            throw FaultException.of(
                    Fault.CORRUPT, doing + ": the answer holds no token", "check the registry's token service");
        }
        return either;
    }
}
