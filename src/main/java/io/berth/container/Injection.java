package io.berth.container;

import io.berth.process.Mount;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// What hardware needs inside: found on this host, for this start.
///
/// @param variables that count more than the image's and less than the user's
/// @param libraryFolders inside, added to those in which the dynamic linker looks
/// @param programFolders inside, added to PATH
public record Injection(
        List<Mount.Bind> mounts,
        SequencedMap<String, String> variables,
        List<String> libraryFolders,
        List<String> programFolders) {
    public Injection {
        mounts = List.copyOf(mounts);
        variables = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(variables));
        libraryFolders = List.copyOf(libraryFolders);
        programFolders = List.copyOf(programFolders);
    }

    public static Injection none() {
        return new Injection(List.of(), new LinkedHashMap<>(), List.of(), List.of());
    }
}
