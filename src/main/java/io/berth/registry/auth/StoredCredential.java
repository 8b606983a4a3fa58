package io.berth.registry.auth;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Finds a registry's entry in an object of `{"REGISTRY": {"auth": BASE64}}`, the form of udocker and of Docker.
final class StoredCredential {
    private StoredCredential() {}

    /// The names under which the registry has an entry, the best first: as written, without a scheme, with the same
    /// scheme, any other.
    static List<String> keysOf(JsonNode entries, String hostOrUrl) {
        RegistryName wanted = RegistryName.of(hostOrUrl);
        List<String> keys = new ArrayList<>();
        entries.fieldNames().forEachRemaining(key -> {
            if (RegistryName.of(key).name().equals(wanted.name())) {
                keys.add(key);
            }
        });
        keys.sort(Comparator.comparingInt(key -> rank(key, hostOrUrl, wanted)));
        return keys;
    }

    private static int rank(String key, String hostOrUrl, RegistryName wanted) {
        if (key.equals(hostOrUrl)) {
            return 0;
        }
        String scheme = RegistryName.of(key).scheme();
        return scheme.isEmpty() ? 1 : scheme.equals(wanted.scheme()) ? 2 : 3;
    }

    /// The first entry that holds a name and a password.
    static Optional<Credential> in(JsonNode entries, String hostOrUrl) {
        return keysOf(entries, hostOrUrl).stream()
                .flatMap(key -> decoded(entries.path(key).path("auth").asText("")).stream())
                .findFirst();
    }

    private static Optional<Credential> decoded(String auth) {
        try {
            String pair = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon <= 0
                    ? Optional.empty()
                    : Optional.of(new Credential(pair.substring(0, colon), new Secret(pair.substring(colon + 1))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
