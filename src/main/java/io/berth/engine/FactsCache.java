package io.berth.engine;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.process.LaunchPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Remembers the facts of this boot, place and set of engines. A cache that cannot be read is made anew.
public final class FactsCache {
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
            if (areWorthKeeping(facts)) {
                AtomicFile.write(file, FactsJson.text(facts), "rw-------");
            }
            return facts;
        });
    }

    /// Where nothing works, someone will change that without a reboot.
    private static boolean areWorthKeeping(HostFacts facts) {
        return facts.trials().stream().allMatch(Trial::conclusive)
                && facts.trials().stream().anyMatch(Trial::works);
    }

    private static Optional<HostFacts> read(Path file) {
        try {
            return Files.isReadable(file) ? FactsJson.read(AtomicFile.read(file)) : Optional.empty();
        } catch (FaultException e) {
            return Optional.empty();
        }
    }

    private String key(LaunchPlan.Owner owner) {
        StringBuilder parts = new StringBuilder();
        parts.append(owner.uid()).append(owner.bootId()).append(owner.node());
        // facts of a berth that knew fewer modes say nothing of the others
        for (ExecutionMode mode : ExecutionMode.values()) {
            parts.append(mode.name());
        }
        append(parts, options.berthExec());
        options.proot().ifPresent(proot -> append(parts, proot.program()));
        options.fakechroot().ifPresent(fakechroot -> {
            append(parts, fakechroot.library());
            append(parts, fakechroot.companion());
        });
        options.runtime().ifPresent(runtime -> append(parts, runtime.program()));
        options.apptainer().ifPresent(program -> append(parts, program));
        return Digest.sha256Of(parts.toString().getBytes(StandardCharsets.UTF_8))
                .shortened();
    }

    private static void append(StringBuilder parts, Path program) {
        UnixStat stat = UnixStat.of(program);
        parts.append(program).append(stat.inode()).append(' ').append(stat.sizeBytes());
        parts.append(' ').append(stat.modified().toEpochMilli());
    }
}
