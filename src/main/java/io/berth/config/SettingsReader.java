package io.berth.config;

import io.berth.fault.FaultException;
import io.berth.fault.Nearest;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.registry.RegistryOptions;
import io.berth.stage.StageOptions;
import io.berth.store.RepositoryLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;

/// Reads the settings: defaults, then files, then the environment, then the command line. Every problem found is
/// reported at once.
///
/// Files in rising order of weight, ours beside udocker's: the distribution's, the system's, the user's, the
/// repository's own when it is not the user's, and the one named by --config. A file `u.conf` in the working directory
/// is not obeyed, as udocker does: anybody could have put it there.
public final class SettingsReader {
    /// The option that names one more file; it is no key.
    public static final String CONFIG_FILE = "config_file";

    private static final String OURS = "berth.conf";
    private static final String COMMAND_LINE = "the command line";
    private static final Value UNSET = new Value.Text("");

    private final Map<Key, Setting> given = new EnumMap<>(Key.class);
    private final List<String> problems = new ArrayList<>();
    private final List<String> notices = new ArrayList<>();
    private final Map<String, String> environment;
    private final Map<String, String> options;
    private final Evidence evidence;

    private SettingsReader(Map<String, String> environment, Map<String, String> options, Evidence evidence) {
        this.environment = environment;
        this.options = options;
        this.evidence = evidence;
    }

    /// Errors: BAD_INPUT with every problem.
    ///
    /// @param options from the command line, by key; [#CONFIG_FILE] for a file
    public static Settings read(ConfigPlaces places, Map<String, String> environment, Map<String, String> options) {
        return read(places, environment, options, Evidence.unwanted());
    }

    /// @param evidence takes the files that were read or looked for
    public static Settings read(
            ConfigPlaces places, Map<String, String> environment, Map<String, String> options, Evidence evidence) {
        SettingsReader reader = new SettingsReader(environment, options, evidence);
        reader.files(places);
        reader.environment();
        options.forEach((label, value) ->
                Key.find(label).ifPresent(key -> reader.set(key, label, Literal.plain(value), COMMAND_LINE)));
        return reader.settings();
    }

    private void files(ConfigPlaces places) {
        file(places.distribution().resolve("etc").resolve(OURS), false);
        file(places.system().resolve("udocker.conf"), true);
        file(places.system().resolve(OURS), false);
        Path home = home();
        file(home.resolve(text(Key.CONFIG)), true);
        file(home.resolve(OURS), false);
        Path top = topNamed();
        if (!top.equals(home)) {
            file(top.resolve(text(Key.CONFIG)), true);
            file(top.resolve(OURS), false);
        }
        if (options.containsKey(CONFIG_FILE)) {
            Path named = Path.of(options.get(CONFIG_FILE)).toAbsolutePath();
            if (!Files.exists(named)) {
                problems.add("--config: there is no file " + named);
            }
            file(named, true);
        }
    }

    private Path home() {
        String home = text(Key.HOMEDIR);
        return home.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", "/"), ".udocker")
                : Path.of(home).toAbsolutePath();
    }

    /// The repository as far as it is known before the last files are read.
    private Path topNamed() {
        String top = text(Key.TOPDIR);
        for (String variable : Key.TOPDIR.variables()) {
            String value = environment.getOrDefault(variable, "");
            top = value.isEmpty() ? top : value;
        }
        for (Map.Entry<String, String> option : options.entrySet()) {
            top = Key.find(option.getKey()).equals(Optional.of(Key.TOPDIR)) ? option.getValue() : top;
        }
        return top.isEmpty() ? home() : Path.of(top).toAbsolutePath();
    }

    private void environment() {
        for (Key key : Key.values()) {
            for (String variable : key.variables()) {
                // a variable that is set to nothing is not set, as most programs read it
                String value = environment.getOrDefault(variable, "");
                if (!value.isEmpty()) {
                    set(key, variable, Literal.plain(value), variable);
                }
            }
        }
    }

    private void file(Path file, boolean udockers) {
        evidence.content(file);
        if (!Files.isReadable(file)) {
            return;
        }
        for (ConfFile.Entry entry : ConfFile.entries(file, textOf(file), udockers, problems::add)) {
            Optional<Key> key = Key.find(entry.key());
            if (key.isEmpty()) {
                unknown(entry, udockers);
                continue;
            }
            Optional<Literal> literal = LiteralParser.parse(entry.text());
            if (literal.isEmpty()) {
                problems.add(entry.place() + ": the value of '" + entry.key() + "' does not end as it begins");
            } else {
                set(key.get(), entry.key(), literal.get(), entry.place());
            }
        }
    }

    /// udocker passes over what it does not know, so an old file of its must not stop us.
    private void unknown(ConfFile.Entry entry, boolean udockers) {
        List<String> known = Stream.of(Key.values()).map(Key::label).toList();
        String message = entry.place() + ": there is no key '" + entry.key() + "'"
                + Nearest.to(entry.key(), known)
                        .map(near -> " (did you mean '" + near + "'?)")
                        .orElse("");
        (udockers ? notices : problems).add(message);
    }

    private String textOf(Path file) {
        try {
            return AtomicFile.read(file);
        } catch (FaultException e) {
            problems.add(String.valueOf(e.getMessage()));
            return "";
        }
    }

    /// @param label as the source spells the key
    private void set(Key key, String label, Literal literal, String source) {
        Optional<Value> value = key.kind().read(literal);
        if (value.isEmpty()) {
            String shown = literal instanceof Literal.Text(String text, boolean _) ? text : "[...]";
            String place = source.equals(label) ? "" : "  (" + source + ")";
            problems.add(label + " = " + shown + place + " " + key.kind().complaint());
        } else if (value.get().equals(UNSET) && key.kind().needsValue()) {
            given.remove(key);
        } else {
            given.put(key, new Setting(key, value.get(), source));
        }
    }

    private Settings settings() {
        Path home = home();
        put(Key.HOMEDIR, home.toString());
        Path top = pathOr(Key.TOPDIR, home);
        put(Key.TOPDIR, top.toString());
        RepositoryLayout under = RepositoryLayout.under(top);
        RepositoryLayout layout = new RepositoryLayout(
                top,
                pathOr(Key.REPOSDIR, under.images()),
                pathOr(Key.LAYERSDIR, under.layers()),
                pathOr(Key.CONTAINERSDIR, under.containers()),
                pathOr(Key.BINDIR, under.engines()),
                pathOr(Key.LIBDIR, under.libraries()),
                pathOr(Key.DOCDIR, under.documents()));
        RegistryOptions registry = registry();
        StageOptions stage = new StageOptions(
                Path.of(text(Key.NODE_DIR)), Duration.ofSeconds(Long.parseLong(text(Key.PATIENCE_SECONDS))));
        if (!problems.isEmpty()) {
            throw FaultException.badInput(
                    "reading the settings: " + String.join("; ", problems), "correct them, all are listed");
        }
        return new Settings(given, notices, layout, registry, stage);
    }

    /// Makes a default that depends on others visible, without hiding where a given one came from.
    private void put(Key key, String value) {
        String source = given.containsKey(key) ? given.get(key).source() : "default";
        given.put(key, new Setting(key, new Value.Text(value), source));
    }

    private Path pathOr(Key key, Path otherwise) {
        String text = text(key);
        return text.isEmpty() ? otherwise : Path.of(text).toAbsolutePath().normalize();
    }

    private RegistryOptions registry() {
        if (!text(Key.CA_FILE).isEmpty()) {
            evidence.content(Path.of(text(Key.CA_FILE)));
        }
        RegistryValues values = new RegistryValues(problems);
        RegistryOptions defaults = RegistryOptions.defaults();
        return new RegistryOptions(
                        values.url(text(Key.DOCKERIO_REGISTRY_URL), defaults.defaultRegistry()),
                        values.mirrors(words(Key.REGISTRY_MIRRORS)),
                        new LinkedHashSet<>(words(Key.PLAIN_HTTP)),
                        text(Key.HTTP_INSECURE).equals("True"),
                        seconds(Key.CTIMEOUT),
                        seconds(Key.TIMEOUT),
                        defaults.attempts())
                .with(
                        values.url(text(Key.DOCKERIO_INDEX_URL), RegistryOptions.DOCKER_INDEX),
                        values.named(rows(Key.DOCKER_REGISTRIES)),
                        values.proxies(text(Key.HTTP_PROXY), environment),
                        values.authorities(text(Key.CA_FILE), environment));
    }

    private SequencedMap<String, List<String>> rows(Key key) {
        return setting(key).value() instanceof Value.Table(SequencedMap<String, List<String>> rows)
                ? rows
                : Collections.emptySortedMap();
    }

    private Duration seconds(Key key) {
        String text = text(key);
        return Duration.ofSeconds(text.equals("0") ? 1 : Long.parseLong(text));
    }

    private Setting setting(Key key) {
        Setting setting = given.get(key);
        return setting == null ? Settings.byDefault(key) : setting;
    }

    private String text(Key key) {
        return setting(key).value() instanceof Value.Text(String text) ? text : "";
    }

    private List<String> words(Key key) {
        return setting(key).value() instanceof Value.Words(List<String> words) ? words : Collections.emptyList();
    }
}
