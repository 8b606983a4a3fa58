package io.berth.device;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What is said of the hardware in variables: the user's words count more than his environment, that more than the
/// image.
///
/// @param asked `NAME=VALUE`, or `NAME` for the caller's own
/// @param caller his environment
/// @param image `NAME=VALUE`
record SaidVariables(List<String> asked, Map<String, String> caller, List<String> image) {
    SaidVariables {
        asked = List.copyOf(asked);
        caller = Map.copyOf(caller);
        image = List.copyOf(image);
    }

    Optional<String> byUser(String name) {
        Optional<String> last = Optional.empty();
        for (String entry : asked) {
            if (entry.equals(name)) {
                last = Optional.ofNullable(caller.get(name));
            } else if (entry.startsWith(name + "=")) {
                last = Optional.of(entry.substring(name.length() + 1));
            }
        }
        return last.or(() -> Optional.ofNullable(caller.get(name)));
    }

    Optional<String> byImage(String name) {
        return image.stream()
                .filter(entry -> entry.startsWith(name + "="))
                .map(entry -> entry.substring(name.length() + 1))
                .reduce((_, last) -> last);
    }

    Optional<String> any(String name) {
        return byUser(name).or(() -> byImage(name));
    }

    /// All that begin so, whoever says them.
    SequencedMap<String, String> beginning(String prefix) {
        TreeMap<String, String> found = new TreeMap<>();
        image.stream()
                .filter(entry -> entry.startsWith(prefix) && entry.contains("="))
                .forEach(entry ->
                        found.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1)));
        for (String entry : asked) {
            if (entry.startsWith(prefix) && entry.contains("=")) {
                found.put(entry.substring(0, entry.indexOf('=')), entry.substring(entry.indexOf('=') + 1));
            }
        }
        return found;
    }
}
