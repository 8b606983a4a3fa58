package io.berth.engine;

import io.berth.fault.Fault;
import io.berth.fault.FaultException;
import io.berth.process.Command;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which engines there are, and which versions of them they say they are.
final class EngineVersions {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Pattern VERSION = Pattern.compile("\\b[vV]?(\\d+\\.\\d+[\\w.+~-]*)");

    private EngineVersions() {}

    /// Version and path, by the engine's name.
    static SequencedMap<String, String> of(EngineOptions options) {
        SequencedMap<String, String> engines = new LinkedHashMap<>();
        options.proot().ifPresent(proot -> engines.put("proot", shown(proot.program())));
        options.runtime().ifPresent(runtime -> engines.put(runtime.maker().label(), shown(runtime.program())));
        options.apptainer().ifPresent(program -> engines.put("apptainer", shown(program)));
        return engines;
    }

    private static String shown(Path program) {
        return version(program) + " " + program;
    }

    /// The first number with a dot that it prints; `?` when it does not say.
    private static String version(Path program) {
        try {
            Matcher matcher = VERSION.matcher(
                    Command.run(List.of(program.toString(), "--version"), LIMIT).output());
            return matcher.find() ? matcher.group(1) : "?";
        } catch (FaultException e) {
            if (e.fault() == Fault.INTERRUPTED) {
                throw e;
            }
            return "?";
        }
    }
}
