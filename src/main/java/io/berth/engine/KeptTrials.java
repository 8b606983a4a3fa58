package io.berth.engine;

import io.berth.fault.FaultException;
import io.berth.files.AtomicFile;
import io.berth.files.Evidence;
import io.berth.files.UnixStat;
import io.berth.image.Digest;
import io.berth.process.Command;
import io.berth.process.LaunchPlan;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Trials that are made only when a start needs what they try, remembered as [FactsCache] remembers the others: those
/// that went well, of this boot and launcher. Where one failed, someone will change that without a reboot.
///
/// Shape: not for several threads.
public final class KeptTrials {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path berthExec;
    private final Optional<LaunchPlan.Owner> owner;
    private final Path place;
    /// What was found out by this process, also what failed: each mode asks, and so does who explains.
    private final Map<List<String>, Optional<String>> known = new HashMap<>();

    /// @param owner whose trials; absent to keep none for later
    /// @param place private folder; a trial that went well is a file in it, `.trial-KEY`
    public KeptTrials(Path berthExec, Optional<LaunchPlan.Owner> owner, Path place) {
        this.berthExec = berthExec;
        this.owner = owner;
        this.place = place;
    }

    /// Why it does not work; empty when it does.
    ///
    /// @param words for the launcher
    /// @param programs that take part in it
    Optional<String> failure(List<String> words, List<Path> programs) {
        return known.computeIfAbsent(words, _ -> found(words, programs));
    }

    private Optional<String> found(List<String> words, List<Path> programs) {
        Optional<Path> kept = owner.map(user -> file(user, words, programs));
        if (kept.filter(Files::exists).isPresent()) {
            return Optional.empty();
        }
        List<String> command = new ArrayList<>(List.of(berthExec.toString()));
        command.addAll(words);
        Command.Result result = Command.run(command, LIMIT);
        if (result.status() != HostProbe.TRIAL_STATUS) {
            return Optional.of(HostProbe.firstLine(result.output()));
        }
        owner.ifPresent(user -> keep(file(user, words, programs), user));
        return Optional.empty();
    }

    /// Plans rest on it, when it is there.
    void note(List<String> words, List<Path> programs, Evidence evidence) {
        programs.forEach(evidence::content);
        Optional<Path> kept = owner.map(user -> file(user, words, programs));
        if (kept.filter(Files::exists).isEmpty()) {
            evidence.doubt(); // it has to be tried each time
        }
        kept.ifPresent(evidence::ownContent);
    }

    private static void keep(Path file, LaunchPlan.Owner user) {
        try {
            AtomicFile.write(file, PastBoots.mark(user), "rw-------");
        } catch (FaultException e) {
            // it is tried again
        }
    }

    private Path file(LaunchPlan.Owner user, List<String> words, List<Path> programs) {
        StringBuilder parts = new StringBuilder();
        parts.append(user.uid()).append(user.bootId()).append(user.node()).append(words);
        parts.append(signature(berthExec));
        programs.forEach(program -> parts.append(signature(program)));
        String key = Digest.sha256Of(parts.toString().getBytes(StandardCharsets.UTF_8))
                .shortened();
        return place.resolve(".trial-" + key);
    }

    /// What changes when a program is replaced.
    static String signature(Path program) {
        UnixStat stat = UnixStat.of(program);
        return program + " " + stat.inode() + " " + stat.sizeBytes() + " "
                + stat.modified().toEpochMilli() + " " + stat.mode();
    }
}
