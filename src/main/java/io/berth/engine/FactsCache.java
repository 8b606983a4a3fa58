package io.berth.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.image.Digest;
import io.berth.process.LaunchPlan;
import io.berth.process.Stamp;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Remembers the facts of this boot, place and set of engines. A cache that cannot be read is made anew.
public final class FactsCache {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HostProbe probe;
    private final EngineOptions options;

    public FactsCache(EngineOptions options) {
        this.probe = new HostProbe(options);
        this.options = options;
    }

    /// @param place private folder that holds trees; the facts are kept in it as `.facts-KEY.json`
    public HostFacts facts(Path place, LaunchPlan.Owner owner) {
        Path file = place.resolve(".facts-" + key(owner) + ".json");
        return read(file).orElseGet(() -> {
            HostFacts facts = probe.probe(place, owner);
            AtomicFile.write(file, json(facts), "rw-------");
            return facts;
        });
    }

    public static String json(HostFacts facts) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(facts) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("facts are plain values", e);
        }
    }

    private static Optional<HostFacts> read(Path file) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(MAPPER.readValue(AtomicFile.read(file), HostFacts.class));
        } catch (JsonProcessingException | FaultException e) {
            return Optional.empty();
        }
    }

    private String key(LaunchPlan.Owner owner) {
        StringBuilder parts = new StringBuilder(owner.toString()).append(Stamp.of(options.berthExec()));
        options.proot().ifPresent(proot -> parts.append(Stamp.of(proot)));
        return Digest.sha256Of(parts.toString().getBytes(StandardCharsets.UTF_8))
                .shortened();
    }
}
