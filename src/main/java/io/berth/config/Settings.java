package io.berth.config;

import io.berth.registry.RegistryOptions;
import io.berth.stage.StageOptions;
import io.berth.store.RepositoryLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/// Everything that can be set, merged. Each part is the record of the room that uses it.
///
/// @param keystore where credentials are kept
/// @param sources where each key's value came from, for `berth showconf`
public record Settings(
        RepositoryLayout repository,
        RegistryOptions registry,
        StageOptions stage,
        Optional<Path> proot,
        Path keystore,
        SequencedMap<String, String> sources) {
    public Settings {
        sources = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(sources));
    }
}
