package io.berth.config;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.registry.RegistryOptions;
import io.berth.stage.StageOptions;
import io.berth.store.RepositoryLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/// Reads the settings: defaults, then the distribution's, the system's and the user's file, then the environment,
/// then
/// the command line. Every problem found is reported at once.
public final class SettingsReader {
    private static final List<String> KEYS = List.of(
            "repository",
            "registry",
            "registry_mirrors",
            "plain_http",
            "insecure",
            "node_dir",
            "patience_seconds",
            "proot",
            "keystore",
            "http_proxy",
            "dockerio_index_url",
            "ca_file");
    /// udocker's names are honoured; ours win.
    private static final Map<String, List<String>> VARIABLES = Map.of(
            "repository", List.of("UDOCKER_DIR", "BERTH_DIR"),
            "registry", List.of("UDOCKER_REGISTRY", "BERTH_REGISTRY"),
            "registry_mirrors", List.of("BERTH_REGISTRY_MIRRORS"),
            "plain_http", List.of("BERTH_PLAIN_HTTP"),
            "node_dir", List.of("BERTH_NODE_DIR"),
            "proot", List.of("UDOCKER_USE_PROOT_EXECUTABLE", "BERTH_PROOT"),
            "keystore", List.of("UDOCKER_KEYSTORE", "BERTH_KEYSTORE"),
            "http_proxy", List.of("UDOCKER_HTTPPROXY", "BERTH_HTTP_PROXY"),
            "dockerio_index_url", List.of("UDOCKER_INDEX", "BERTH_INDEX"),
            "ca_file", List.of("BERTH_CA_FILE"));

    private final SequencedMap<String, String> values = new LinkedHashMap<>();
    private final SequencedMap<String, String> sources = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> environment;

    private SettingsReader(Map<String, String> environment) {
        this.environment = environment;
    }

    /// Errors: BAD_INPUT with every problem.
    ///
    /// @param files in rising order of weight; missing ones are passed over
    /// @param options from the command line, by key
    public static Settings read(List<Path> files, Map<String, String> environment, Map<String, String> options) {
        SettingsReader reader = new SettingsReader(environment);
        reader.defaults(environment.getOrDefault("HOME", "/"));
        files.stream().filter(Files::isReadable).forEach(reader::file);
        for (String key : KEYS) {
            for (String variable : VARIABLES.getOrDefault(key, List.of())) {
                reader.set(key, nonEmpty(environment.get(variable)), variable);
            }
        }
        options.forEach((key, value) -> reader.set(key, value, "the command line"));
        return reader.settings();
    }

    /// A variable that is set to nothing is not set, as most programs read it.
    private static @Nullable String nonEmpty(@Nullable String value) {
        return value == null || value.isEmpty() ? null : value;
    }

    private void defaults(String home) {
        String source = "default";
        set("repository", home + "/.udocker", source);
        set("registry", RegistryOptions.defaults().defaultRegistry(), source);
        set("registry_mirrors", "", source);
        set("plain_http", "", source);
        set("insecure", "no", source);
        set("node_dir", "/tmp", source);
        set("patience_seconds", "1800", source);
        set("proot", "", source);
        set("keystore", home + "/.udocker/keystore", source);
        set("http_proxy", "", source);
        set("dockerio_index_url", RegistryOptions.DOCKER_INDEX, source);
        set("ca_file", "", source);
    }

    private void file(Path file) {
        int number = 0;
        for (String line : text(file).lines().toList()) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            int equals = text.indexOf('=');
            String key = equals < 0 ? text : text.substring(0, equals).strip();
            String place = file + ":" + number;
            if (equals < 0) {
                problems.add(place + ": '" + text + "' is not 'key = value'");
            } else if (!KEYS.contains(key)) {
                problems.add(place + ": there is no key '" + key + "' (known: " + String.join(", ", KEYS) + ")");
            } else {
                set(key, text.substring(equals + 1).strip(), place);
            }
        }
    }

    private String text(Path file) {
        try {
            return AtomicFile.read(file);
        } catch (FaultException e) {
            problems.add(String.valueOf(e.getMessage()));
            return "";
        }
    }

    private void set(String key, @Nullable String value, String source) {
        if (value != null) {
            values.put(key, value);
            sources.put(key, value.replaceAll("(^|//)[^/@]*@", "$1***@") + "  (" + source + ")");
        }
    }

    private Settings settings() {
        RegistryOptions registry = registry();
        long patience = seconds();
        Path nodeDirectory = absolute("node_dir");
        Path repository = absolute("repository");
        Path keystore =
                Path.of(environment.getOrDefault("HOME", "/"), ".udocker").resolve(value("keystore"));
        Optional<Path> proot = value("proot").isEmpty() || value("proot").equals("UDOCKER")
                ? Optional.empty()
                : Optional.of(absolute("proot"));
        if (!problems.isEmpty()) {
            throw FaultException.badInput(
                    "reading the settings: " + String.join("; ", problems), "correct them, all are listed");
        }
        return new Settings(
                RepositoryLayout.under(repository),
                registry,
                new StageOptions(nodeDirectory, Duration.ofSeconds(patience)),
                proot,
                keystore,
                sources);
    }

    private RegistryOptions registry() {
        RegistryValues values = new RegistryValues(problems);
        RegistryOptions defaults = RegistryOptions.defaults();
        return new RegistryOptions(
                        values.url(value("registry"), defaults.defaultRegistry()),
                        values.mirrors(words("registry_mirrors")),
                        new LinkedHashSet<>(words("plain_http")),
                        yes("insecure"),
                        defaults.connectTimeout(),
                        defaults.idleTimeout(),
                        defaults.attempts())
                .with(
                        values.url(value("dockerio_index_url"), RegistryOptions.DOCKER_INDEX),
                        Map.of(),
                        values.proxies(value("http_proxy"), environment),
                        values.authorities(value("ca_file"), environment));
    }

    private boolean yes(String key) {
        return switch (value(key).toLowerCase(java.util.Locale.ROOT)) {
            case "yes", "true", "1" -> true;
            case "no", "false", "0", "" -> false;
            default -> {
                problems.add(key + " = " + sources.get(key) + " is neither yes nor no");
                yield false;
            }
        };
    }

    private long seconds() {
        String text = value("patience_seconds");
        if (!text.matches("[0-9]{1,9}")) {
            problems.add("patience_seconds = " + sources.get("patience_seconds") + " is not a number of seconds");
            return 0;
        }
        return Long.parseLong(text);
    }

    private Path absolute(String key) {
        Path path = Path.of(value(key));
        if (key.equals("repository")) {
            return path.toAbsolutePath().normalize();
        }
        if (!path.isAbsolute()) {
            problems.add(key + " = " + sources.get(key) + " is not an absolute path");
        }
        return path;
    }

    private List<String> words(String key) {
        return List.of(value(key).split("[,\\s]+")).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private String value(String key) {
        return String.valueOf(values.get(key));
    }
}
