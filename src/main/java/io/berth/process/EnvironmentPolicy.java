package io.berth.process;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/// How the program's environment is made from the one its starter has.
///
/// Shape: `keep` and `drop` are names or globs (`SLURM_*`); defaults give way to a kept variable, settings do not.
/// The starter applies it, so a rank's own values arrive byte for byte without passing through Java.
public record EnvironmentPolicy(
        List<String> keep,
        List<String> drop,
        SequencedMap<String, String> defaults,
        SequencedMap<String, String> settings) {
    public EnvironmentPolicy {
        keep = List.copyOf(keep);
        drop = List.copyOf(drop);
        defaults = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(defaults));
        settings = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(settings));
    }
}
