package io.berth.config;

import io.berth.fault.FaultException;
import io.berth.registry.RegistryOptions;
import io.berth.registry.http.Proxies;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Reads the values that say how registries are reached. What cannot be read is noted as a problem and left out.
///
/// @param problems where they are noted
record RegistryValues(List<String> problems) {
    /// The value when it is a base URL, else the other.
    String url(String value, String otherwise) {
        return noted(
                "",
                () -> {
                    RegistryOptions.baseUrl(value);
                    return value;
                },
                otherwise);
    }

    /// Shape: `HOST=URL` each; the URL with its scheme, or a mistyped word would be taken for a host.
    SequencedMap<String, List<URI>> mirrors(List<String> words) {
        SequencedMap<String, List<URI>> mirrors = new LinkedHashMap<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            if (equals <= 0 || !word.substring(equals + 1).matches("(?i)https?://.+")) {
                problems.add("registry_mirrors: '" + word + "' is not HOST=URL");
                continue;
            }
            noted(
                    "registry_mirrors: ",
                    () -> {
                        URI base = RegistryOptions.baseUrl(word.substring(equals + 1));
                        return mirrors.computeIfAbsent(word.substring(0, equals), _ -> new ArrayList<>())
                                .add(base);
                    },
                    false);
        }
        return mirrors;
    }

    /// udocker's table: which URL serves a host; the second one, an index, is not asked.
    Map<String, URI> named(SequencedMap<String, List<String>> rows) {
        Map<String, URI> named = new LinkedHashMap<>();
        rows.forEach((host, urls) -> {
            if (!urls.isEmpty()) {
                noted(
                        "docker_registries: ",
                        () -> {
                            named.put(host, RegistryOptions.baseUrl(urls.getFirst()));
                            return true;
                        },
                        false);
            }
        });
        return named;
    }

    Proxies proxies(String chosen, Map<String, String> environment) {
        return noted("", () -> Proxies.of(chosen, environment), Proxies.none());
    }

    /// What was set must hold certificates; a variable that other programs use too may name what is not there.
    List<Path> authorities(String file, Map<String, String> environment) {
        if (!file.isEmpty() && !holdsCertificates(Path.of(file))) {
            problems.add("ca_file: " + file + " cannot be read, or holds no certificate in PEM form");
            return List.of();
        }
        return Stream.of(
                        file,
                        environment.getOrDefault("CURL_CA_BUNDLE", ""),
                        environment.getOrDefault("SSL_CERT_FILE", ""))
                .filter(name -> !name.isEmpty())
                .map(Path::of)
                .filter(path -> Files.isReadable(path) && Files.isRegularFile(path))
                .distinct()
                .toList();
    }

    private static boolean holdsCertificates(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).contains("-----BEGIN CERTIFICATE-----");
        } catch (IOException e) {
            return false;
        }
    }

    private <T> T noted(String before, Supplier<T> reading, T otherwise) {
        try {
            return reading.get();
        } catch (FaultException e) {
            problems.add(before + e.getMessage());
            return otherwise;
        }
    }
}
