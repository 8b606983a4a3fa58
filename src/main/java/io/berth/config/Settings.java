package io.berth.config;

import io.berth.registry.RegistryOptions;
import io.berth.stage.StageOptions;
import io.berth.store.RepositoryLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Everything that can be set, merged. What a room has a record for is in that record; the rest is asked for by key.
public final class Settings {
    private final Map<Key, Setting> given;
    private final List<String> notices;
    private final RepositoryLayout repository;
    private final RegistryOptions registry;
    private final StageOptions stage;

    /// @param given what is not at its default
    Settings(
            Map<Key, Setting> given,
            List<String> notices,
            RepositoryLayout repository,
            RegistryOptions registry,
            StageOptions stage) {
        this.given = Collections.unmodifiableMap(new EnumMap<>(given));
        this.notices = List.copyOf(notices);
        this.repository = repository;
        this.registry = registry;
        this.stage = stage;
    }

    public RepositoryLayout repository() {
        return repository;
    }

    public RegistryOptions registry() {
        return registry;
    }

    public StageOptions stage() {
        return stage;
    }

    /// The program that someone named; absent means: the usual one.
    public Optional<Path> program(Key key) {
        String program = text(key);
        return program.startsWith("/") ? Optional.of(Path.of(program)) : Optional.empty();
    }

    /// Of a file or folder; absent when it is not set.
    public Optional<Path> path(Key key) {
        String text = text(key);
        return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
    }

    /// Where credentials are kept.
    public Path keystore() {
        return Path.of(text(Key.HOMEDIR)).resolve(text(Key.KEYSTORE));
    }

    /// For temporary files.
    public Path temporary() {
        String folder = text(Key.TMPDIR);
        return Path.of(folder.isEmpty() ? "/tmp" : folder);
    }

    /// -1 nothing, 0 errors, 1 results, 2 warnings, 3 information, 4 more of it, 5 what helps to find a fault.
    public int verbosity() {
        return Integer.parseInt(text(Key.VERBOSE_LEVEL));
    }

    /// What is odd about the configuration and yet no error, a line each.
    public List<String> notices() {
        return notices;
    }

    public Setting setting(Key key) {
        Setting setting = given.get(key);
        return setting == null ? byDefault(key) : setting;
    }

    /// All keys in their order.
    public List<Setting> all() {
        List<Setting> all = new ArrayList<>();
        for (Key key : Key.values()) {
            all.add(setting(key));
        }
        return all;
    }

    /// Empty when it is not set.
    public String text(Key key) {
        return setting(key).value() instanceof Value.Text(String text) ? text : "";
    }

    public boolean flag(Key key) {
        return text(key).equals("True");
    }

    public List<String> words(Key key) {
        return setting(key).value() instanceof Value.Words(List<String> words) ? words : List.of();
    }

    public SequencedMap<String, List<String>> table(Key key) {
        return setting(key).value() instanceof Value.Table(SequencedMap<String, List<String>> rows)
                ? rows
                : Collections.emptySortedMap();
    }

    static Setting byDefault(Key key) {
        return new Setting(key, key.kind().read(Literal.plain(key.fallback())).orElseThrow(), "default");
    }
}
